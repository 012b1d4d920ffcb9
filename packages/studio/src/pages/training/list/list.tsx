import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Link } from 'wouter'
import { api, data, type Schema } from '../../../api/client.js'
import { useNumbers, useWords } from '../../../language/language.js'
import { Page } from '../../../ui/page.js'
import { Empty, Loaded } from '../../../ui/problem.js'
import { type Column, DataTable } from '../../../ui/table.js'
import { addressOf } from '../address.js'
import { StateTag } from '../state-tag.js'
import { words } from '../words.js'

type Listed = Schema<'Run'>

const AGAIN_MS = 4000

export function List() {
  const t = useWords(words)
  const [chosen, setChosen] = useState<readonly string[]>([])
  const query = useQuery({
    queryKey: ['runs'],
    queryFn: () => data(api.GET('/v1/runs')),
    refetchInterval: AGAIN_MS,
  })
  const toggle = (run: string) =>
    setChosen((before) =>
      before.includes(run) ? before.filter((one) => one !== run) : [...before, run],
    )
  const columns = useColumns(chosen, toggle)
  const actions = (
    <>
      {chosen.length > 1 ? (
        <Link className="button" href={addressOf('compare', chosen.join('\n'))}>
          {t.compare}
        </Link>
      ) : (
        <span className="muted">{t.compareHint}</span>
      )}
      <Link className="button" data-kind="main" href="/training?new=1">
        {t.create}
      </Link>
    </>
  )
  return (
    <Page title={t.title} told={t.told} actions={actions}>
      <Loaded query={query}>
        {({ runs }) => (
          <>
            {runs.length === 0 ? (
              <Empty>{t.none}</Empty>
            ) : (
              <DataTable rows={runs} columns={columns} keyOf={({ run }) => run} label={t.runs} />
            )}
            <Ablations runs={runs} />
          </>
        )}
      </Loaded>
    </Page>
  )
}

function Ablations({ runs }: { runs: readonly Listed[] }) {
  const t = useWords(words)
  const paths = [...new Set(runs.flatMap(({ ablation }) => ablation ?? []))].sort()
  if (paths.length === 0) return null
  return (
    <section className="card stack" aria-labelledby="ablations">
      <h2 id="ablations">{t.ablations}</h2>
      <ul>
        {paths.map((path) => (
          <li key={path}>
            <Link href={addressOf('ablation', path)}>
              <bdi>{path}</bdi>
            </Link>
          </li>
        ))}
      </ul>
    </section>
  )
}

function useColumns(
  chosen: readonly string[],
  toggle: (run: string) => void,
): readonly Column<Listed>[] {
  const t = useWords(words)
  const n = useNumbers()
  return [
    {
      id: 'choose',
      header: t.compare,
      cell: ({ run }) => (
        <input
          type="checkbox"
          aria-label={t.choose(run)}
          checked={chosen.includes(run)}
          onChange={() => toggle(run)}
        />
      ),
    },
    {
      id: 'run',
      header: t.run,
      value: ({ run }) => run,
      cell: ({ run }) => (
        <Link href={addressOf('run', run)}>
          <bdi>{run}</bdi>
        </Link>
      ),
    },
    {
      id: 'state',
      header: t.state,
      value: ({ state }) => state,
      cell: ({ state, problem }) => (
        <>
          <StateTag state={state} />
          {problem && <div className="muted">{problem}</div>}
        </>
      ),
    },
    {
      id: 'step',
      header: t.step,
      align: 'end',
      value: ({ step }) => step,
      cell: ({ step, steps }) => (
        <span className="one-line">
          {steps === null ? n.count(step) : t.of(n.count(step), n.count(steps))}
        </span>
      ),
    },
    {
      id: 'lossName',
      header: t.lossName,
      value: ({ loss }) => loss,
      cell: ({ loss }) => loss ?? '–',
    },
    {
      id: 'backbone',
      header: t.backbone,
      value: ({ backbone }) => backbone,
      cell: ({ backbone }) => backbone ?? '–',
    },
    {
      id: 'loss',
      header: t.loss,
      align: 'end',
      value: ({ last }) => last?.loss ?? null,
      cell: ({ last }) => (last?.loss === undefined ? '–' : n.significant(last.loss, 4)),
    },
    {
      id: 'accuracy',
      header: t.accuracy,
      align: 'end',
      value: ({ verification: [first] }) => first?.accuracy ?? null,
      cell: ({ verification }) =>
        verification.map(({ set, accuracy }) => (
          <div key={set}>
            <bdi>{set}</bdi> {n.rate(accuracy, 4)}
          </div>
        )),
    },
    {
      id: 'changed',
      header: t.changed,
      value: ({ changed }) => changed,
      cell: ({ changed }) => n.date(changed),
    },
  ]
}
