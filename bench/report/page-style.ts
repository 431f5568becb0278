// Owns the looks of the page of figures, in light and dark.

export const STYLE = `
:root {
  color-scheme: light dark;
  --ground: #fbfbfa; --card: #ffffff; --ink: #1c1d21; --soft: #5d616b; --line: #e2e3e7; --track: #f1f2f4;
  --ours: #1f5fd0; --against: #8a45c4; --limit: #767b86; --floor: #0a7f5f; --other: #c05a12;
  --good: #0a7f5f; --bad: #b3261e;
  --part-0: #5b6270; --part-1: #1f5fd0; --part-2: #8a45c4; --part-3: #0a7f5f; --part-4: #58a88f;
  --part-5: #c05a12; --part-6: #b99a2b; --on-part: #ffffff;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #15171b; --card: #1d2026; --ink: #e8e9ec; --soft: #a3a8b4; --line: #333842; --track: #272b33;
    --ours: #79aaff; --against: #c79bf2; --limit: #9aa0ad; --floor: #54c8a3; --other: #f0a165;
    --good: #54c8a3; --bad: #ff8a80;
    --part-0: #9aa0ad; --part-1: #79aaff; --part-2: #c79bf2; --part-3: #54c8a3; --part-4: #2f8f73;
    --part-5: #f0a165; --part-6: #d9c063; --on-part: #15171b;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 2rem 1rem 4rem; max-width: 62rem;
  background: var(--ground); color: var(--ink); font: 15px/1.5 system-ui, sans-serif;
}
h1 { font-size: 1.6rem; margin: 0 0 .25rem; }
h2 { font-size: 1.1rem; margin: 0; }
h3 { font-size: .85rem; font-weight: 600; color: var(--soft); margin: 1.1rem 0 .35rem; }
p { margin: .2rem 0; color: var(--soft); }
section {
  margin-top: 1rem; padding: 1rem 1.15rem 1.2rem;
  background: var(--card); border: 1px solid var(--line); border-radius: .6rem;
}
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; width: 100%; margin-top: .6rem; }
th, td { text-align: left; padding: .22rem .9rem .22rem 0; border-bottom: 1px solid var(--line); white-space: nowrap; }
th { font-weight: 600; color: var(--soft); }
.good { color: var(--good); font-weight: 600; }
.bad { color: var(--bad); font-weight: 600; }
.lane {
  display: grid; grid-template-columns: 12.5rem 1fr 6rem 8.5rem; gap: .75rem; align-items: center;
  min-height: 1.75rem; font-variant-numeric: tabular-nums;
}
.lane .name { color: var(--tint); font-weight: 600; }
.track { position: relative; height: 1.1rem; border-radius: .3rem; background: var(--track); }
.track i {
  position: absolute; top: .3rem; width: .5rem; height: .5rem; margin-left: -.25rem;
  border-radius: 50%; background: var(--tint); opacity: .45;
}
.track b { position: absolute; top: 0; width: 3px; height: 1.1rem; margin-left: -1.5px; background: var(--tint); }
.value { text-align: right; }
.ratio { color: var(--soft); }
.stack { display: flex; height: 1.35rem; border-radius: .3rem; overflow: hidden; }
.stack span {
  overflow: hidden; white-space: nowrap; font-size: .72rem; line-height: 1.35rem; padding-left: .3rem;
  color: var(--on-part); border-right: 1px solid var(--card);
}
.legend { display: flex; flex-wrap: wrap; gap: .2rem 1rem; margin-top: .4rem; font-size: .85rem; color: var(--soft); }
.legend i { display: inline-block; width: .7rem; height: .7rem; border-radius: .15rem; margin-right: .35rem; }
svg { display: block; width: 100%; max-width: 34rem; height: auto; }
svg text { fill: var(--soft); font: 12px system-ui, sans-serif; }
details { margin-top: .7rem; }
summary { cursor: pointer; color: var(--soft); }
@media (max-width: 40rem) {
  body { padding: 1rem .6rem 3rem; }
  .lane { grid-template-columns: 1fr auto auto; gap: .1rem .75rem; padding-bottom: .45rem; }
  .lane .track, .lane .stack { grid-column: 1 / -1; order: 1; }
}
`
