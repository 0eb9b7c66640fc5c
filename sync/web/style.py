"""How the page for people looks. One style sheet, light and dark, for a telephone first."""

STYLE = """
:root {
  --paper: #faf8f4; --card: #ffffff; --ink: #22272a; --quiet: #626b70; --line: #e6e2d9; --chip: #f1eee7;
  --pass: #2b7a57; --warn: #96600a; --fail: #ae3329; --on: #ffffff; --warn-soft: #fbf1de; --fail-soft: #fae9e6;
  --shade: 0 1px 2px rgb(60 50 30 / .05), 0 6px 20px rgb(60 50 30 / .04);
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14171a; --card: #1c2023; --ink: #e9e6e0; --quiet: #9ba3a8; --line: #2d3337; --chip: #272c30;
    --pass: #74c8a1; --warn: #e6b756; --fail: #f2948a; --on: #14171a; --warn-soft: #2c2517; --fail-soft: #33201e;
    --shade: none;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body {
  margin: 0 auto; padding: 1.5rem 1.25rem 2.5rem; max-width: 67rem; background: var(--paper); color: var(--ink);
  font: 1.0625rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
}
header { display: flex; align-items: center; gap: 1.125rem; margin: 1rem 0 2rem; color: var(--pass); }
header.warn { color: var(--warn); }
header.fail { color: var(--fail); }
header p, header h1 { margin: 0; }
.sign { flex: none; width: clamp(3.25rem, 13vw, 4.5rem); fill: currentColor; }
.sign path { fill: none; stroke: var(--on); stroke-width: 2.25; stroke-linecap: round; stroke-linejoin: round; }
.name, .quiet { color: var(--quiet); font-size: .9375rem; }
h1 { color: var(--ink); font-size: clamp(1.625rem, 6.5vw, 2.625rem); line-height: 1.15; letter-spacing: -.02em;
  font-weight: 700; text-wrap: balance; }
h2 { margin: 2.5rem 0 .875rem; font-size: 1rem; font-weight: 600; color: var(--quiet); }
h3 { margin: 0; font-size: 1.1875rem; letter-spacing: -.01em; overflow-wrap: anywhere; }
h3::first-letter { text-transform: uppercase; }
ul { list-style: none; margin: 0; padding: 0; }
.matters li { padding: .875rem 1.125rem; border-radius: .75rem; margin-bottom: .625rem; background: var(--warn-soft);
  border-left: .25rem solid var(--warn); overflow-wrap: anywhere; }
.matters li.fail { background: var(--fail-soft); border-color: var(--fail); }
.matters strong { display: block; font-weight: 600; }
code { display: inline-block; max-width: 100%; padding: 0 .375em; border-radius: .3125rem; background: var(--chip);
  background: color-mix(in srgb, currentColor 8%, transparent);
  font: .875em/1.55 ui-monospace, "SF Mono", Menlo, Consolas, monospace; overflow-wrap: anywhere; }
.cards { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 18rem), 1fr)); }
article { background: var(--card); border: 1px solid var(--line); border-radius: 1rem; padding: 1.125rem 1.1875rem;
  box-shadow: var(--shade); }
.state { margin: .125rem 0 .875rem; color: var(--pass); font-weight: 600; font-size: .9375rem; }
.state::before { content: ""; display: inline-block; width: .5625rem; height: .5625rem; margin-right: .5rem;
  border-radius: 50%; background: currentColor; }
.warn > .state { color: var(--warn); }
.warn > .state::before { border-radius: .125rem; }
.fail > .state { color: var(--fail); }
.fail > .state::before { border-radius: 0; transform: rotate(45deg); }
dl { margin: 0; font-size: .96875rem; }
dl div { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0 .5rem; padding: .1875rem 0; }
dt { color: var(--quiet); }
dd { margin: 0; font-variant-numeric: tabular-nums; }
.chart { display: block; width: 100%; max-width: 26rem; height: auto; margin-top: 1rem; overflow: visible; }
.chart rect { fill: currentColor; stroke: currentColor; stroke-width: 1; }
.chart path { fill: none; stroke: currentColor; stroke-width: 1; }
.chart .floor { color: var(--line); }
.chart .ok { color: var(--pass); opacity: .85; }
.chart .partial { color: var(--warn); }
.chart .partial rect { fill: var(--warn-soft); stroke-dasharray: 2 1; }
.chart .failed { color: var(--fail); }
.chart .failed rect { fill: var(--fail-soft); }
.told { margin: .5rem 0 0; color: var(--quiet); font-size: .8125rem; }
.sums { display: grid; gap: 0 3rem; }
.numbers { display: grid; grid-template-columns: auto 1fr; align-items: baseline; gap: .375rem .75rem; }
.numbers li { display: contents; }
.numbers b { text-align: right; font-size: 1.5rem; line-height: 1.3; font-weight: 650; letter-spacing: -.01em;
  font-variant-numeric: tabular-nums; }
.numbers .none span, .numbers .none b { color: var(--quiet); font-weight: 400; }
footer { margin-top: 3rem; border-top: 1px solid var(--line); padding-top: 1rem; }
footer p { margin: 0 0 .25rem; }
a { color: inherit; }
a:focus-visible { outline: 2px solid currentColor; outline-offset: 2px; border-radius: .125rem; }
@media (min-width: 44rem) {
  body { padding: 2.5rem 2rem 3rem; }
  header { gap: 1.5rem; margin-bottom: 2.5rem; }
  .sums { grid-template-columns: repeat(auto-fit, minmax(18rem, 1fr)); }
}
"""
