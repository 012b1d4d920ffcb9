const STYLE = `
:host {
  display: block;
  inline-size: 100%;
  max-inline-size: 40rem;
  font: 1rem/1.4 system-ui, sans-serif;
  --good: var(--arcface-good, #23c16b);
  --poor: var(--arcface-poor, #ffb020);
}
:host([hidden]), [hidden] { display: none !important }
.stage {
  position: relative;
  overflow: hidden;
  aspect-ratio: var(--ratio, 4 / 3);
  border-radius: var(--arcface-radius, 0.75rem);
  background: color-mix(in srgb, Canvas, CanvasText 8%);
  color: CanvasText;
}
video { display: block; inline-size: 100%; block-size: 100%; object-fit: cover }
.mirrored video { transform: scaleX(-1) }
.covered video { visibility: hidden }
.face {
  position: absolute;
  box-sizing: border-box;
  border: 2px solid var(--poor);
  border-radius: 0.6rem;
  box-shadow: 0 0 0 1px rgb(0 0 0 / 0.35), inset 0 0 0 1px rgb(0 0 0 / 0.35);
  transition: all 80ms linear;
}
.face.good { border-color: var(--good) }
.name {
  position: absolute;
  inset-block-start: calc(100% + 0.3rem);
  left: 50%;
  translate: -50%;
  max-inline-size: max(170%, 5.5rem);
  overflow: hidden;
  text-overflow: ellipsis;
  white-space: nowrap;
}
.leftmost .name { left: 0; translate: none }
.rightmost .name { left: auto; right: 0; translate: none }
.above .name { inset-block: auto calc(100% + 0.3rem) }
.name, .hint {
  padding: 0.15rem 0.6rem;
  border-radius: 1rem;
  background: rgb(0 0 0 / 0.72);
  color: #fff;
}
.name { font-size: 0.875rem; z-index: 1 }
.name.stranger { color: #d0d0d0; z-index: auto }
.hint {
  position: absolute;
  inset-block-end: 0.75rem;
  inset-inline: 0;
  margin: 0 auto;
  inline-size: fit-content;
  max-inline-size: calc(100% - 3rem);
  padding: 0.35rem 0.9rem;
  text-align: center;
  font-weight: 600;
}
.hint::before {
  content: '';
  display: inline-block;
  inline-size: 0.6em;
  block-size: 0.6em;
  margin-inline-end: 0.5em;
  border-radius: 50%;
  background: var(--poor);
}
.hint.good::before { background: var(--good) }
.hint:empty { display: none }
.panel {
  position: absolute;
  inset: 0;
  display: flex;
  flex-direction: column;
  align-items: center;
  justify-content: center;
  gap: 0.9rem;
  padding: 1.5rem;
  text-align: center;
}
.panel p { margin: 0; max-inline-size: 28rem; overflow-wrap: anywhere }
.panel small { display: block; margin-block-start: 0.4rem; opacity: 0.75 }
progress { inline-size: min(16rem, 80%); accent-color: var(--good) }
button {
  padding: 0.5rem 1.1rem;
  border: 1px solid currentColor;
  border-radius: 0.5rem;
  background: transparent;
  color: inherit;
  font: inherit;
  font-weight: 600;
  cursor: pointer;
}
button:hover { background: color-mix(in srgb, transparent, currentColor 10%) }
button:focus-visible { outline: 3px solid var(--good); outline-offset: 2px }
.told { position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%) }
@media (prefers-reduced-motion: reduce) { .face { transition: none } }
@media (forced-colors: active) { .name, .hint { border: 1px solid CanvasText } }
`

let sheet: CSSStyleSheet | undefined

/** Of all elements of the page; adopted, so that no policy on inline styles speaks against it. */
export function styleSheet(): CSSStyleSheet {
  if (sheet === undefined) {
    sheet = new CSSStyleSheet()
    sheet.replaceSync(STYLE)
  }
  return sheet
}
