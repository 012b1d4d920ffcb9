import { useNumbers, useWords } from '../language/language.js'
import { words } from './words.js'

/** What a decision goes by. */
export interface Decision {
  readonly threshold: number | null
  readonly far: number | null
  readonly fpir?: number | null | undefined
  readonly source: string | null
  readonly warning: string | null
  readonly searched?: { readonly people: number; readonly faces: number } | undefined
}

/** The threshold of a decision, the error rates that it stands for and where they were measured. */
export function Basis({ decision }: { decision: Decision }) {
  const t = useWords(words)
  const { count, fixed, rate } = useNumbers()
  const { threshold, far, fpir, source, warning, searched } = decision
  const told =
    threshold === null
      ? [t.noThreshold]
      : [
          t.threshold(fixed(threshold, 3)),
          fpir != null && t.fpir(rate(fpir)),
          far !== null && t.far(rate(far)),
          source && t.source(source),
          searched && t.searched(count(searched.people), count(searched.faces)),
        ].filter((one) => typeof one === 'string')
  return (
    <p className="muted numbers">
      {told.join(' · ')}
      {warning && <span> · {warning}</span>}
    </p>
  )
}
