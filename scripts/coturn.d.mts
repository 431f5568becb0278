export declare function findCoturn(): string | null
export declare const WHERE_FROM: string
