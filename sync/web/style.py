"""How the page for people looks. One style sheet, light and dark, for a telephone first."""

STYLE = """
:root {
  --paper: #fbfaf7; --card: #ffffff; --ink: #23272b; --quiet: #646c73; --line: #e5e2da;
  --pass: #2f7d5b; --warn: #a86a09; --fail: #b3362c; --pass-soft: #e6f2ec; --warn-soft: #fbf0dc; --fail-soft: #fae7e4;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #15181a; --card: #1d2124; --ink: #e7e5e0; --quiet: #9aa2a8; --line: #30363a;
    --pass: #6cc39b; --warn: #e3b04b; --fail: #f08a7f; --pass-soft: #1b2f27; --warn-soft: #33291a; --fail-soft: #38211f;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body {
  margin: 0 auto; padding: 1.5rem 1.25rem 3rem; max-width: 60rem; background: var(--paper); color: var(--ink);
  font: 1.0625rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
}
header { border-left: .375rem solid var(--pass); padding: .25rem 0 .25rem 1.125rem; margin: 1rem 0 2rem; }
header.warn { border-color: var(--warn); }
header.fail { border-color: var(--fail); }
.name { margin: 0; color: var(--quiet); font-size: .9375rem; }
h1 { margin: .125rem 0; font-size: clamp(1.75rem, 6vw, 2.5rem); line-height: 1.15; letter-spacing: -.015em; }
h2 { margin: 2.25rem 0 .75rem; font-size: 1.125rem; }
h3 { margin: 0; font-size: 1.125rem; overflow-wrap: anywhere; }
.quiet { color: var(--quiet); font-size: .9375rem; margin: .25rem 0 0; }
ul { list-style: none; margin: 0; padding: 0; }
.matters li { padding: .75rem 1rem; border-radius: .625rem; margin-bottom: .625rem; background: var(--warn-soft); }
.matters li.fail { background: var(--fail-soft); }
.matters strong { display: block; }
code { font: .9375em ui-monospace, "SF Mono", Menlo, Consolas, monospace; overflow-wrap: anywhere; }
.cards { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fill, minmax(min(100%, 18rem), 1fr)); }
article { background: var(--card); border: 1px solid var(--line); border-radius: .75rem; padding: 1rem 1.125rem; }
.state { margin: .125rem 0 .75rem; color: var(--pass); font-weight: 600; font-size: .9375rem; }
.warn > .state { color: var(--warn); }
.fail > .state { color: var(--fail); }
dl { margin: 0; }
dl div { display: flex; justify-content: space-between; gap: 1rem; padding: .25rem 0; }
dt { color: var(--quiet); }
dd { margin: 0; text-align: right; font-variant-numeric: tabular-nums; }
svg { display: block; width: 100%; height: auto; margin-top: .875rem; }
article .quiet { font-size: .8125rem; }
rect { fill: var(--pass); stroke: var(--pass); }
rect.partial { fill: var(--warn-soft); stroke: var(--warn); stroke-dasharray: 2 1; }
rect.failed { fill: none; stroke: var(--fail); }
.numbers { display: flex; flex-wrap: wrap; gap: .25rem 2rem; }
.numbers b { font-size: 1.5rem; font-weight: 600; font-variant-numeric: tabular-nums; margin-right: .25rem; }
footer { margin-top: 3rem; border-top: 1px solid var(--line); padding-top: .75rem; }
a { color: inherit; }
"""
