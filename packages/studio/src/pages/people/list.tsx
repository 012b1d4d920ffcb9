import { useQueries, useQuery } from '@tanstack/react-query'
import { useVirtualizer } from '@tanstack/react-virtual'
import { memo, useDeferredValue, useEffect, useRef, useState } from 'react'
import { Link } from 'wouter'
import { api, data, type Schema } from '../../api/client.js'
import { personPlace, portraitAddress } from '../../faces/address.js'
import { type Numbers, useNumbers, useWords } from '../../language/language.js'
import { SelectField, TextField } from '../../ui/field.js'
import { Tag } from '../../ui/page.js'
import { Picture } from '../../ui/picture.js'
import { Empty, Problem } from '../../ui/problem.js'
import { words } from './words.js'

const ORDERS = {
  byName: { by: 'name', descending: 'false' },
  byNameDown: { by: 'name', descending: 'true' },
  newest: { by: 'added', descending: 'true' },
  oldest: { by: 'added', descending: 'false' },
} as const
type Order = keyof typeof ORDERS

/** People that are asked for at once. */
const PAGE = 200
const ROW = 56
/** Rows of groups shown. */
const SHOWN_GROUPS = 4

/** Everybody of a gallery; of many only those in sight are read and drawn. */
export function List({ gallery }: { gallery: string }) {
  const t = useWords(words)
  const { count } = useNumbers()
  const [text, setText] = useState('')
  const [group, setGroup] = useState('')
  const [order, setOrder] = useState<Order>('byName')
  const search = useDeferredValue(text.trim())
  const groups = useQuery({
    queryKey: ['people', gallery, 'groups'],
    queryFn: async () => {
      const path = { gallery }
      return (await data(api.GET('/v1/galleries/{gallery}/groups', { params: { path } }))).groups
    },
  })
  const filter = { search, group, order }
  return (
    <div className="stack">
      <div className="row list-tools">
        <TextField label={t.find} type="search" value={text} onChange={setText} />
        <SelectField
          label={t.group}
          value={group}
          onChange={setGroup}
          choices={[
            { value: '', label: t.allGroups },
            ...(groups.data ?? []).map(({ name, people }) => ({
              value: name,
              label: t.groupOf(name, count(people)),
            })),
          ]}
        />
        <SelectField<Order>
          label={t.order}
          value={order}
          onChange={setOrder}
          choices={(Object.keys(ORDERS) as Order[]).map((value) => ({ value, label: t[value] }))}
        />
      </div>
      <Rows key={JSON.stringify(filter)} gallery={gallery} {...filter} />
    </div>
  )
}

function Rows({
  gallery,
  search,
  group,
  order,
}: {
  gallery: string
  search: string
  group: string
  order: Order
}) {
  const t = useWords(words)
  const numbers = useNumbers()
  const frame = useRef<HTMLDivElement>(null)
  const [total, setTotal] = useState<number | null>(null)
  const virtual = useVirtualizer({
    count: total ?? 0,
    getScrollElement: () => frame.current,
    estimateSize: () => ROW,
    overscan: 6,
  })
  const items = virtual.getVirtualItems()
  const first = Math.floor((items[0]?.index ?? 0) / PAGE)
  const last = Math.floor((items.at(-1)?.index ?? 0) / PAGE)
  // Of a list that is thrown past, what has gone by is not asked for.
  const range = useSettled(`${first}-${last}`, virtual.isScrolling ? 120 : 0)
  const [from = 0, to = 0] = range.split('-').map(Number)
  const pages = useQueries({
    queries: Array.from({ length: to - from + 1 }, (_, i) => ({
      queryKey: ['people', gallery, 'page', search, group, order, from + i],
      queryFn: async ({ signal }: { signal: AbortSignal }) => {
        const query = { ...ORDERS[order], search, limit: PAGE, offset: (from + i) * PAGE }
        const params = { path: { gallery }, query: { ...query, ...(group && { group: [group] }) } }
        return data(api.GET('/v1/galleries/{gallery}/people', { params, signal }))
      },
    })),
  })
  const newest = pages.find(({ data }) => data)?.data?.total
  useEffect(() => {
    if (newest != null) setTotal(newest)
  }, [newest])
  const failed = pages.find(({ error, data }) => error && !data)
  if (failed) return <Problem error={failed.error} onAgain={() => void failed.refetch()} />
  if (total === 0) return <Empty>{search === '' && group === '' ? t.nobody : t.nobodyFound}</Empty>
  return (
    <>
      <p className="muted numbers" role="status">
        {total === null ? '' : t.total(numbers.count(total))}
      </p>
      <div className="people-list" ref={frame}>
        <ul style={{ height: virtual.getTotalSize() }}>
          {items.map(({ index, start }) => {
            const page = pages[Math.floor(index / PAGE) - from]
            const person = page?.data?.people[index % PAGE]
            return (
              <li
                key={index}
                style={{ transform: `translateY(${start}px)`, height: ROW }}
                aria-setsize={total ?? -1}
                aria-posinset={index + 1}
              >
                {person && <Row {...{ gallery, person, numbers }} isQuick={virtual.isScrolling} />}
              </li>
            )
          })}
        </ul>
      </div>
    </>
  )
}

/** A value when it has not changed for so long. */
function useSettled<T>(value: T, milliseconds: number): T {
  const [settled, settle] = useState(value)
  useEffect(() => {
    const timer = setTimeout(() => settle(value), milliseconds)
    return () => clearTimeout(timer)
  }, [value, milliseconds])
  return settled
}

/** A row is drawn anew only where something of it is another: a list that scrolls has no time. @param isQuick it goes by: a picture would not be seen */
const Row = memo(function Row({
  gallery,
  person: { name, groups, faces, added },
  isQuick,
  numbers: { count, date },
}: {
  gallery: string
  person: Schema<'Person'>
  isQuick: boolean
  /** Of the list: each that is made costs. */
  numbers: Numbers
}) {
  const t = useWords(words)
  const [isSeen, setSeen] = useState(!isQuick)
  if (!isQuick && !isSeen) setSeen(true)
  const more = groups.length - SHOWN_GROUPS
  return (
    <Link href={personPlace(gallery, name)} className="person-row">
      {isSeen && faces > 0 ? (
        <Picture src={portraitAddress(gallery, name)} alt="" side="44px" />
      ) : (
        <span className="picture" style={{ '--side': '44px' } as React.CSSProperties} />
      )}
      <bdi className="person-name">{name}</bdi>
      <span className="person-groups">
        {groups.slice(0, SHOWN_GROUPS).map((one) => (
          <Tag key={one}>
            <bdi>{one}</bdi>
          </Tag>
        ))}
        {more > 0 && <Tag>+{count(more)}</Tag>}
      </span>
      <span className="muted numbers">{t.facesOf(count(faces))}</span>
      <span className="muted numbers person-added">{t.added(date(added))}</span>
    </Link>
  )
})
