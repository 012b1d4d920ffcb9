import {
  type ColumnDef,
  createSortedRowModel,
  rowSortingFeature,
  type SortingState,
  sortFns,
  tableFeatures,
  useTable,
} from '@tanstack/react-table'
import { useVirtualizer } from '@tanstack/react-virtual'
import { type ReactNode, useRef, useState } from 'react'
import { useWords } from '../language/language.js'
import './parts.css'
import { words } from './words.js'

export interface Column<T> {
  id: string
  /** '': what can be done with a row. */
  header: string
  cell(row: T): ReactNode
  /** What it is sorted by; without, it is not. */
  value?: (row: T) => string | number | null
  align?: 'end'
}

/** Above it rows are drawn only where they are seen. */
const DRAWN = 200
const ROW = 44

const features = tableFeatures({
  rowSortingFeature,
  sortedRowModel: createSortedRowModel(),
  sortFns,
})

/** Rows of things, sorted by a click on a column; of many only those in sight are drawn, and the table scrolls by itself. */
export function DataTable<T extends object>({
  rows,
  columns,
  keyOf,
  label,
  sorted,
  height = '70vh',
}: {
  rows: readonly T[]
  columns: readonly Column<T>[]
  keyOf(row: T): string
  /** What the table is of, for those who do not see it. */
  label: string
  sorted?: { id: string; desc: boolean }
  height?: string
}) {
  const t = useWords(words)
  const [sorting, onSortingChange] = useState<SortingState>(sorted ? [sorted] : [])
  const table = useTable({
    features,
    columns: columns.map(
      (column): ColumnDef<typeof features, T> => ({
        id: column.id,
        header: column.header,
        accessorFn: (row) => column.value?.(row) ?? undefined,
        enableSorting: column.value !== undefined,
        sortUndefined: 'last',
      }),
    ),
    data: rows as T[],
    state: { sorting },
    onSortingChange,
    getRowId: keyOf,
  })
  const all = table.getRowModel().rows
  const frame = useRef<HTMLDivElement>(null)
  const isVirtual = all.length > DRAWN
  const virtual = useVirtualizer({
    count: isVirtual ? all.length : 0,
    getScrollElement: () => frame.current,
    estimateSize: () => ROW,
    overscan: 12,
  })
  const items = virtual.getVirtualItems()
  const before = items[0]?.start ?? 0
  const after = isVirtual ? virtual.getTotalSize() - (items.at(-1)?.end ?? 0) : 0
  const shown = isVirtual ? items.map(({ index }) => all[index]!) : all
  return (
    <section
      className="table"
      ref={frame}
      style={isVirtual ? { maxHeight: height } : {}}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: it is scrolled by keyboard
      tabIndex={0}
      aria-label={label}
    >
      <table aria-rowcount={all.length + 1}>
        <thead>
          <tr>
            {table.getHeaderGroups()[0]!.headers.map((header, i) => {
              const { id, header: text, align } = columns[i]!
              const way = header.column.getIsSorted()
              const aria = way ? (way === 'asc' ? 'ascending' : 'descending') : undefined
              return (
                <th key={id} scope="col" data-align={align} aria-sort={aria}>
                  {header.column.getCanSort() ? (
                    <button
                      type="button"
                      title={t.sort(text)}
                      onClick={header.column.getToggleSortingHandler()}
                    >
                      {text}{' '}
                      <span aria-hidden="true">{way ? (way === 'asc' ? '↑' : '↓') : ''}</span>
                    </button>
                  ) : (
                    text || <span className="hidden-text">{t.actions}</span>
                  )}
                </th>
              )
            })}
          </tr>
        </thead>
        <tbody>
          {before > 0 && <Space height={before} columns={columns.length} />}
          {shown.map((row, i) => (
            <tr
              key={row.id}
              data-index={isVirtual ? items[i]!.index : undefined}
              ref={isVirtual ? virtual.measureElement : undefined}
              aria-rowindex={(isVirtual ? items[i]!.index : i) + 2}
            >
              {columns.map(({ id, cell, align }) => (
                <td key={id} data-align={align}>
                  {cell(row.original)}
                </td>
              ))}
            </tr>
          ))}
          {after > 0 && <Space height={after} columns={columns.length} />}
        </tbody>
      </table>
    </section>
  )
}

const Space = ({ height, columns }: { height: number; columns: number }) => (
  <tr>
    <td colSpan={columns} style={{ height, padding: 0, border: 0 }} />
  </tr>
)
