export const STYLE = `
:root { color-scheme: light dark; --ok: #2da44e; --bad: #cf222e; --idle: #9ec5fe;
  --again: #d4a72c; --line: #8884 }
body { font: 14px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 72rem; padding: 0 1rem }
h1 { font-size: 1.4rem; margin: 0 } h2 { font-size: 1.1rem; margin: 2rem 0 .5rem }
code, pre, .id { font: 12px/1.5 ui-monospace, monospace }
pre { margin: .3rem 0; padding: .5rem; overflow: auto; max-height: 24rem; 
  border: 1px solid var(--line); border-radius: 4px; white-space: pre-wrap; overflow-wrap: anywhere }
table { border-collapse: collapse; width: 100% }
  td, th { text-align: left; padding: .15rem .5rem .15rem 0; vertical-align: top }
.facts th { width: 7rem; font-weight: normal; opacity: .7 }
.row { border-bottom: 1px solid var(--line) }
.row > summary { display: grid; grid-template-columns: 16rem 1fr 5rem; gap: .75rem; cursor: pointer;
  list-style: none; padding: .15rem 0 }
.row > summary::-webkit-details-marker { display: none }
.name { overflow: hidden; text-overflow: ellipsis; white-space: nowrap } .name small { opacity: .7 }
.took { text-align: right; font-variant-numeric: tabular-nums }
.lane { position: relative; height: 1.1rem; margin-top: .2rem; background: #8881 }
.lane i { position: absolute; top: 0; bottom: 0; min-width: 2px; border-radius: 2px }
.running { background: var(--ok) } .failed { background: var(--bad) } .backoff { background: var(--again); opacity: .5 }
.waiting, .queued { background: var(--idle); top: .4rem !important; bottom: .4rem !important }
.late { background: #888 }
.status-failed, .status-parked { color: var(--bad) } .status-completed { color: var(--ok) }
.inside { padding: .25rem 0 .75rem 1rem } .gap { opacity: .6 }
`
