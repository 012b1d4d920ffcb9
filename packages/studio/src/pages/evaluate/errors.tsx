import { useMemo, useState } from 'react'
import { useNumbers, useWords } from '../../language/language.js'
import { Button } from '../../ui/button.js'
import { Empty } from '../../ui/problem.js'
import type { Opened } from './opened.js'
import { Pair } from './pair.js'
import { type ErrorKind, isWrong, type ShownPair, worstOf } from './pairs.js'
import { words } from './words.js'

const PAGE = 12

/** The pairs that the threshold decides wrongly, the worst first. */
export function Errors({ opened, threshold }: { opened: Opened; threshold: number }) {
  const t = useWords(words)
  const worst = useMemo(() => worstOf(opened), [opened])
  return (
    <>
      {(['accepts', 'rejects'] as const).map((kind: ErrorKind) => (
        <section key={kind} className="stack" data-kind={kind}>
          <h2>{kind === 'accepts' ? t.falseAccepts : t.falseRejects}</h2>
          <Pairs
            opened={opened}
            pairs={worst[kind].filter((pair) => isWrong(kind, pair, threshold))}
          />
        </section>
      ))}
    </>
  )
}

function Pairs({ opened, pairs }: { opened: Opened; pairs: readonly ShownPair[] }) {
  const t = useWords(words)
  const numbers = useNumbers()
  const [count, setCount] = useState(PAGE)
  if (pairs.length === 0) return <Empty>{t.noErrors}</Empty>
  const shown = pairs.slice(0, count)
  return (
    <>
      <p className="muted">{t.count(numbers.count(shown.length), numbers.count(pairs.length))}</p>
      <div className="evaluate-pairs">
        {shown.map((pair) => (
          <Pair key={pair.pair} set={opened.set} pair={pair} />
        ))}
      </div>
      {shown.length < pairs.length && (
        <div>
          <Button onClick={() => setCount(count + PAGE)}>{t.more}</Button>
        </div>
      )}
    </>
  )
}
