import { degrees } from '@arcface/evaluate'
import { useQuery } from '@tanstack/react-query'
import { Link } from 'wouter'
import { api, data, type Schema } from '../../../api/client.js'
import { useNumbers, useWords } from '../../../language/language.js'
import { Page } from '../../../ui/page.js'
import { Loaded } from '../../../ui/problem.js'
import { type Column, DataTable } from '../../../ui/table.js'
import { addressOf } from '../address.js'
import { StateTag } from '../state-tag.js'
import { words } from '../words.js'
import { type Row, type Spread, type Table, tableOf } from './table.js'

type Trial = Schema<'Ablation'>['trials'][number]

const AGAIN_MS = 4000

/** The same training under several losses: its table as it grows, and each training. */
export function Ablation({ path }: { path: string }) {
  const t = useWords(words)
  const query = useQuery({
    queryKey: ['ablation', path],
    queryFn: () => data(api.GET('/v1/ablations/one', { params: { query: { path } } })),
    refetchInterval: AGAIN_MS,
  })
  return (
    <Page
      title={path}
      told={
        <>
          {t.ablationTold} <Link href="/training">{t.back}</Link>
        </>
      }
      actions={
        query.data && (
          <Link
            className="button"
            href={addressOf('compare', query.data.trials.map(({ run }) => run).join('\n'))}
          >
            {t.compare}
          </Link>
        )
      }
    >
      <Loaded query={query}>
        {({ table, trials }) => (
          <>
            <Results table={tableOf(table)} />
            <Trials trials={trials} />
          </>
        )}
      </Loaded>
    </Page>
  )
}

function Results({ table }: { table: Table | null }) {
  const t = useWords(words)
  const n = useNumbers()
  if (!table || table.rows.length === 0) return <p className="muted">{t.noTable}</p>
  const spread = (one: Spread | undefined, shown: (value: number) => string) =>
    one ? `${shown(one.mean)}${one.std === null ? '' : ` ± ${shown(one.std)}`}` : '–'
  const figure = (
    id: string,
    header: string,
    of: (row: Row) => Spread | undefined,
    shown: (value: number) => string,
  ): Column<Row> => ({
    ...{ id, header, align: 'end' },
    value: (row) => of(row)?.mean ?? null,
    cell: (row) => spread(of(row), shown),
  })
  return (
    <div className="stack">
      <h2>{t.table}</h2>
      <DataTable
        label={t.table}
        rows={table.rows}
        keyOf={({ label }) => label}
        columns={[
          {
            id: 'label',
            header: t.label,
            value: ({ label }) => label,
            cell: ({ label }) => <bdi>{label}</bdi>,
          },
          ...table.sets.flatMap((set) => [
            figure(
              `accuracy ${set}`,
              `${t.accuracy}, ${set}`,
              ({ accuracy }) => accuracy[set],
              (value) => `${n.fixed(100 * value, 2)} %`,
            ),
            figure(
              `auc ${set}`,
              t.auc(set),
              ({ auc }) => auc[set],
              (value) => n.fixed(value, 4),
            ),
          ]),
          ...table.angleNames.map((name) =>
            figure(
              `angle ${name}`,
              name,
              ({ angles }) => angles[name],
              (value) => `${n.fixed(degrees(value), 1)}°`,
            ),
          ),
          {
            id: 'seeds',
            header: t.seeds,
            align: 'end',
            cell: ({ accuracy }) =>
              n.count(Math.max(0, ...Object.values(accuracy).map(({ seeds }) => seeds))),
          },
          {
            id: 'paper',
            header: t.paper,
            align: 'end',
            cell: ({ paper }) => paper?.map((one) => n.fixed(one, 2)).join(' / ') ?? '–',
          },
        ]}
      />
    </div>
  )
}

function Trials({ trials }: { trials: readonly Trial[] }) {
  const t = useWords(words)
  const n = useNumbers()
  return (
    <div className="stack">
      <h2>{t.trials}</h2>
      <DataTable
        label={t.trials}
        rows={trials}
        keyOf={({ run }) => run}
        columns={[
          {
            id: 'run',
            header: t.label,
            value: ({ entry }: Trial) => entry,
            cell: ({ entry, run }: Trial) => (
              <Link href={addressOf('run', run)}>
                <bdi>{entry}</bdi>
              </Link>
            ),
          },
          {
            id: 'seed',
            header: t.seed,
            align: 'end' as const,
            value: ({ seed }: Trial) => seed,
            cell: ({ seed }: Trial) => String(seed),
          },
          {
            id: 'state',
            header: t.state,
            value: ({ state }: Trial) => state,
            cell: ({ state }: Trial) => <StateTag state={state} />,
          },
          {
            id: 'step',
            header: t.step,
            align: 'end' as const,
            value: ({ step }: Trial) => step,
            cell: ({ step, steps }: Trial) =>
              steps === null ? n.count(step) : t.of(n.count(step), n.count(steps)),
          },
          {
            id: 'loss',
            header: t.loss,
            align: 'end' as const,
            value: ({ last }: Trial) => last?.loss ?? null,
            cell: ({ last }: Trial) =>
              last?.loss === undefined ? '–' : n.significant(last.loss, 4),
          },
        ]}
      />
    </div>
  )
}
