import { useInfiniteQuery } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import { useSearchParams } from 'wouter'
import { api, data, type Schema } from '../../api/client.js'
import { useLanguage, useNumbers, useWords } from '../../language/language.js'
import { Button } from '../../ui/button.js'
import { Dialog } from '../../ui/dialog.js'
import { Page, Tag } from '../../ui/page.js'
import { Empty, Loaded, Notice } from '../../ui/problem.js'
import { type Column, DataTable } from '../../ui/table.js'
import './audit.css'
import { Check } from './check.js'
import { addressOf, filterIn, queryOf } from './filter.js'
import { Filters } from './filters.js'
import { words } from './words.js'

type Line = Schema<'AuditLine'>

const LIMIT = 100

/** Who asked what. */
export default function Audit() {
  const t = useWords(words)
  const { count } = useNumbers()
  const [search, setSearch] = useSearchParams()
  const filter = filterIn(search)
  const [isChecking, setChecking] = useState(false)
  const [shown, setShown] = useState<Line | null>(null)
  const query = queryOf(filter)
  const log = useInfiniteQuery({
    queryKey: ['audit', query],
    queryFn: ({ pageParam: before }) =>
      data(
        api.GET('/v1/audit', {
          params: { query: { ...query, limit: LIMIT, ...(before !== null && { before }) } },
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
    // What has been looked at is not looked at again because the window was: that is a line each time.
    refetchOnWindowFocus: false,
  })
  return (
    <Page
      title={t.title}
      told={t.told}
      actions={<Button onClick={() => setChecking(true)}>{t.verify}</Button>}
    >
      <Filters
        key={String(search)}
        filter={filter}
        onFilter={(wanted) => setSearch(addressOf(wanted))}
      />
      <Loaded query={log}>
        {({ pages }) => {
          const lines = pages.flatMap((page) => page.lines)
          const changed = pages.reduce((sum, page) => sum + page.changed, 0)
          return (
            <>
              {pages[0]?.enabled === false && <Notice kind="warn">{t.off}</Notice>}
              {changed > 0 && <Notice kind="bad">{t.changed(count(changed))}</Notice>}
              {lines.length > 0 ? (
                <Lines lines={lines} onShow={setShown} />
              ) : (
                <Empty>{log.hasNextPage ? t.noneYet : t.none}</Empty>
              )}
              {log.hasNextPage && (
                <div>
                  <Button
                    disabled={log.isFetchingNextPage}
                    onClick={() => void log.fetchNextPage()}
                  >
                    {log.isFetchingNextPage ? t.looking : t.older}
                  </Button>
                </div>
              )}
            </>
          )
        }}
      </Loaded>
      {shown && (
        <Dialog open onClose={() => setShown(null)} title={t.line(count(shown.seq))} wide="52rem">
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a long one is scrolled by keyboard */}
          <pre className="audit-fields" tabIndex={0}>
            {JSON.stringify(shown.fields, null, 2)}
          </pre>
        </Dialog>
      )}
      {isChecking && <Check onClose={() => setChecking(false)} />}
    </Page>
  )
}

function Lines({ lines, onShow }: { lines: readonly Line[]; onShow(line: Line): void }) {
  const t = useWords(words)
  const { language } = useLanguage()
  const times = useMemo(
    () => new Intl.DateTimeFormat(language, { dateStyle: 'short', timeStyle: 'medium' }),
    [language],
  )
  const timeOf = ({ time }: Line) => times.format(new Date(time))
  const columns: Column<Line>[] = [
    { id: 'time', header: t.time, value: (one) => one.time, cell: timeOf },
    {
      ...{ id: 'what', header: t.what, value: (one) => one.what },
      cell: (one) => <code>{one.what}</code>,
    },
    {
      ...{ id: 'status', header: t.status, align: 'end', value: (one) => one.status },
      cell: ({ status }) => status && <Tag kind={status < 400 ? 'good' : 'bad'}>{status}</Tag>,
    },
    {
      ...{ id: 'gallery', header: t.gallery, value: (one) => one.gallery },
      cell: ({ gallery }) => <bdi>{gallery}</bdi>,
    },
    { id: 'people', header: t.people, cell: ({ people }) => <People names={people} /> },
    {
      ...{ id: 'key', header: t.key, value: (one) => one.key },
      cell: ({ key }) => <code>{key}</code>,
    },
    {
      ...{ id: 'more', header: t.more },
      cell: (one) => (
        <Button kind="plain" aria-label={t.moreOf(timeOf(one))} onClick={() => onShow(one)}>
          {t.more}
        </Button>
      ),
    },
  ]
  return (
    <DataTable
      rows={lines}
      columns={columns}
      keyOf={({ chain, seq }) => `${chain}:${seq}`}
      label={t.table}
    />
  )
}

/** So many are named in the table; all are in the line itself. */
const NAMED = 3

function People({ names }: { names: readonly string[] }) {
  const { count } = useNumbers()
  return (
    <>
      {names.slice(0, NAMED).map((name) => (
        <div key={name} className="audit-name">
          <bdi>{name}</bdi>
        </div>
      ))}
      {names.length > NAMED && <span className="muted">+{count(names.length - NAMED)}</span>}
    </>
  )
}
