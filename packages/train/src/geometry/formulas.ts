import { type Html, html, lines } from '@arcface/evaluate/report'
import { lossSchema } from '../losses/index.js'
import type { NamedLoss } from './named-loss.js'

// Formulas as HTML and MathML, which browsers show without fonts or scripts of others.

const theta = html`<i>θ</i><sub>y</sub>`
const s = html`<i>s</i> `

/** What each loss puts in place of the true class's logit. */
const targets: Readonly<Record<string, Html>> = {
  softmax: html`|<i>W</i><sub>y</sub>| |<i>x</i>| cos ${theta} + <i>b</i><sub>y</sub>`,
  'norm-softmax': html`${s}cos ${theta}`,
  sphereface: html`${s}cos(<i>m</i> ${theta})`,
  cosface: html`${s}(cos ${theta} − <i>m</i>)`,
  arcface: html`${s}cos(${theta} + <i>m</i>)`,
  cm1: html`${s}(cos(${theta} + 0.3) − 0.2)`,
  cm2: html`${s}(cos(0.9 ${theta} + 0.4) − 0.15)`,
  unified: html`${s}(cos(<i>m</i>₁ ${theta} + <i>m</i>₂) − <i>m</i>₃)`,
  'l-softmax': html`|<i>W</i><sub>y</sub>| |<i>x</i>| (<i>λ</i> cos ${theta} + <i>ψ</i>(${theta})) / (1 + <i>λ</i>)`,
  'a-softmax': html`|<i>x</i>| (<i>λ</i> cos ${theta} + <i>ψ</i>(${theta})) / (1 + <i>λ</i>)`,
  'subcenter-arcface': html`${s}cos(min<sub>k</sub> <i>θ</i><sub>yk</sub> + <i>m</i>)`,
  curricularface: html`${s}cos(${theta} + <i>m</i>)`,
  'mv-softmax': html`${s}cos(${theta} + <i>m</i>) or ${s}(cos ${theta} − <i>m</i>)`,
  magface: html`${s}cos(${theta} + <i>m</i>(|<i>x</i>|))`,
  adaface: html`${s}(cos(${theta} − <i>m q</i>) − (<i>m</i> + <i>m q</i>)), <i>q</i> the quality by |<i>x</i>|`,
  elasticface: html`${s}cos(${theta} + <i>m</i>) or ${s}(cos ${theta} − <i>m</i>), <i>m</i> drawn`,
  circle: html`${s}max(0, 1 + <i>m</i> − cos ${theta}) (cos ${theta} − (1 − <i>m</i>))`,
}

const sub = (symbol: string, index: string) =>
  html`<msub><mi>${symbol}</mi><mi>${index}</mi></msub>`
const power = (exponent: Html) =>
  html`<msup><mi>e</mi><mrow><mi>s</mi><mo>(</mo>${exponent}<mo>)</mo></mrow></msup>`
const own = power(
  html`<mi>cos</mi><mo>(</mo>${sub('m', '1')}${sub('θ', 'y')}<mo>+</mo>${sub('m', '2')}<mo>)</mo><mo>−</mo>${sub('m', '3')}`,
)
const others = html`<munder><mo>∑</mo><mrow><mi>j</mi><mo>≠</mo><mi>y</mi></mrow></munder>${power(html`<mi>cos</mi>${sub('θ', 'j')}`)}`

/** The unified margin, equation 4 of the paper. */
export const unifiedFormula = html`<math display="block"><mi>L</mi><mo>=</mo><mo>−</mo><mi>log</mi><mfrac><mrow>${own}</mrow><mrow>${own}<mo>+</mo>${others}</mrow></mfrac></math>`

/** A table of losses and their formulas; a loss without one here is left out. */
export function formulaTable(losses: readonly NamedLoss[]): Html {
  const rows = losses.flatMap(({ label, loss }) => {
    const formula = targets[loss.name]
    if (formula === undefined) return []
    const { margin } = lossSchema.parse(loss)
    const value = typeof margin === 'number' && html`, <i>m</i> = ${margin}`
    return html`<tr><th scope="row">${label}</th><td class="formula">${formula}${value}</td></tr>`
  })
  return html`<table><thead><tr><th scope="col">Loss</th><th scope="col">Logit of the true class</th></tr></thead><tbody>${lines(rows)}</tbody></table>`
}
