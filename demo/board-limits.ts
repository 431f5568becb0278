// Owns every cap and interval of the demo, each with its reason.

/** Fits a runner's tag on the track. */
export const NAME_CHARS_MAX = 24
/** A note is a thought, not a page; this still fits a bib on a phone. */
export const NOTE_CHARS_MAX = 280
/** A chat line that nobody has to scroll through. */
export const CHAT_CHARS_MAX = 500
/** What a newcomer can read back. */
export const CHAT_LINES_MAX = 200
/** More notes than this hide each other. */
export const NOTES_MAX = 150
/** Notes listed and not yet known to be deleted. Each costs one subscription; a page may replay 1,024 at once. */
export const LISTED_MAX = 600
/** Older strokes vanish first. */
export const STROKES_MAX = 400
/** Numbers in one stroke (two for each point): about a minute of scribbling. */
export const STROKE_NUMBERS_MAX = 4_000
/** Names remembered, so that the timeline can still name who has left. */
export const PEOPLE_MAX = 256
export const TIMELINE_MAX = 60

/** A stream is folded into one value by the host once it holds this many messages. */
export const FOLD_AFTER = 300

/** About 30 a second: cursors and notes under drag look smooth and the room stays quiet. */
export const RELAY_INTERVAL_MS = 33
/** A note being typed is sent this often. */
export const EDIT_INTERVAL_MS = 120
/** Points of a stroke travel together for this long. */
export const INK_INTERVAL_MS = 50
/** Several people arriving at once are greeted once. */
export const HELLO_INTERVAL_MS = 250
/** A pointer that has been silent for this long is not looking at the board. */
export const CURSOR_SILENCE_MS = 4_000
/** The last part of that silence; `board.css` fades for as long. */
export const CURSOR_FADE_MS = 1_000
/** A drag of someone else that never ended (their tab died) snaps back after this. */
export const DRAG_SILENCE_MS = 3_000
/** Latency, pending operations and fading are looked at this often. */
export const TICK_MS = 250
/** A search for the room that takes this long deserves another sentence. */
export const LONG_SEARCH_MS = 4_000
/** After a reset the page waits this long before it redraws, so that what comes again does not blink. */
export const RESET_HOLD_MS = 120
export const TOAST_MS = 5_000
