import type { Schema } from '../../../api/client.js'
import { useNumbers, useWords } from '../../../language/language.js'
import { Facts } from '../../../ui/page.js'
import { words } from '../words.js'

/** What lies in its folder: checkpoints and the configuration. */
export function Kept({ whole: { checkpoints, yaml } }: { whole: Schema<'WholeRun'> }) {
  const t = useWords(words)
  const n = useNumbers()
  return (
    <section className="card stack" aria-labelledby="kept">
      <h2 id="kept">{t.config}</h2>
      {checkpoints.length > 0 && (
        <Facts
          facts={checkpoints.map(({ step, path, score }) => [
            `${t.checkpoints}, ${t.step} ${n.count(step)}`,
            <span key={path}>
              <bdi>{path}</bdi>
              {score !== null && ` · ${t.accuracy} ${n.rate(score, 4)}`}
            </span>,
          ])}
        />
      )}
      <details>
        <summary>{t.yaml}</summary>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a long one is scrolled by keyboard */}
        <pre className="yaml" tabIndex={0}>
          {yaml}
        </pre>
      </details>
    </section>
  )
}
