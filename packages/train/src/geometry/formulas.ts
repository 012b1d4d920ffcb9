import { escapeHtml } from '@arcface/evaluate/report'
import { lossSchema } from '../losses/index.js'
import type { NamedLoss } from './named-loss.js'

// Formulas as HTML and MathML, which browsers show without fonts or scripts of others.

const theta = '<i>θ</i><sub>y</sub>'
const s = '<i>s</i> '

/** What each loss puts in place of the true class's logit. */
const targets: Readonly<Record<string, string>> = {
  softmax: `|<i>W</i><sub>y</sub>| |<i>x</i>| cos ${theta} + <i>b</i><sub>y</sub>`,
  'norm-softmax': `${s}cos ${theta}`,
  sphereface: `${s}cos(<i>m</i> ${theta})`,
  cosface: `${s}(cos ${theta} − <i>m</i>)`,
  arcface: `${s}cos(${theta} + <i>m</i>)`,
  cm1: `${s}(cos(${theta} + 0.3) − 0.2)`,
  cm2: `${s}(cos(0.9 ${theta} + 0.4) − 0.15)`,
  unified: `${s}(cos(<i>m</i>₁ ${theta} + <i>m</i>₂) − <i>m</i>₃)`,
  'l-softmax': `|<i>W</i><sub>y</sub>| |<i>x</i>| (<i>λ</i> cos ${theta} + <i>ψ</i>(${theta})) / (1 + <i>λ</i>)`,
  'a-softmax': `|<i>x</i>| (<i>λ</i> cos ${theta} + <i>ψ</i>(${theta})) / (1 + <i>λ</i>)`,
  'subcenter-arcface': `${s}cos(min<sub>k</sub> <i>θ</i><sub>yk</sub> + <i>m</i>)`,
  curricularface: `${s}cos(${theta} + <i>m</i>)`,
  'mv-softmax': `${s}cos(${theta} + <i>m</i>) or ${s}(cos ${theta} − <i>m</i>)`,
  magface: `${s}cos(${theta} + <i>m</i>(|<i>x</i>|))`,
  adaface: `${s}(cos(${theta} − <i>m q</i>) − (<i>m</i> + <i>m q</i>)), <i>q</i> the quality by |<i>x</i>|`,
  elasticface: `${s}cos(${theta} + <i>m</i>) or ${s}(cos ${theta} − <i>m</i>), <i>m</i> drawn`,
  circle: `${s}max(0, 1 + <i>m</i> − cos ${theta}) (cos ${theta} − (1 − <i>m</i>))`,
}

const sub = (symbol: string, index: string) => `<msub><mi>${symbol}</mi><mi>${index}</mi></msub>`
const power = (exponent: string) =>
  `<msup><mi>e</mi><mrow><mi>s</mi><mo>(</mo>${exponent}<mo>)</mo></mrow></msup>`
const own = power(
  `<mi>cos</mi><mo>(</mo>${sub('m', '1')}${sub('θ', 'y')}<mo>+</mo>${sub('m', '2')}<mo>)</mo><mo>−</mo>${sub('m', '3')}`,
)
const others = `<munder><mo>∑</mo><mrow><mi>j</mi><mo>≠</mo><mi>y</mi></mrow></munder>${power(`<mi>cos</mi>${sub('θ', 'j')}`)}`

/** The unified margin, equation 4 of the paper. */
export const unifiedFormula = `<math display="block"><mi>L</mi><mo>=</mo><mo>−</mo><mi>log</mi><mfrac><mrow>${own}</mrow><mrow>${own}<mo>+</mo>${others}</mrow></mfrac></math>`

/** A table of losses and their formulas; a loss without one here is left out. */
export function formulaTable(losses: readonly NamedLoss[]): string {
  const rows = losses.flatMap(({ label, loss }) => {
    const formula = targets[loss.name]
    if (formula === undefined) return []
    const { margin } = lossSchema.parse(loss)
    const value = typeof margin === 'number' ? `, <i>m</i> = ${margin}` : ''
    return `<tr><th scope="row">${escapeHtml(label)}</th><td class="formula">${formula}${value}</td></tr>`
  })
  return `<table><thead><tr><th scope="col">Loss</th><th scope="col">Logit of the true class</th></tr></thead><tbody>${rows.join('\n')}</tbody></table>`
}
