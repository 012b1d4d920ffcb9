import { useQuery } from '@tanstack/react-query'
import { api, data, type Schema } from '../../api/client.js'
import { fileOf } from '../../api/files.js'
import { useNumbers, useWords } from '../../language/language.js'
import type { ListedTask } from '../../tasks/task.js'
import { Loaded } from '../../ui/problem.js'
import { type Column, DataTable } from '../../ui/table.js'
import { words } from './words.js'

type Entry = Schema<'Entries'>['entries'][number]

/** How deep, and how many of a folder are listed. */
const DEEPEST = 3
const MOST = 1000

async function filesOf(path: string, depth = 1): Promise<Entry[]> {
  const params = { query: { path, limit: MOST } }
  const { entries } = await data(api.GET('/v1/workspace/entries', { params }))
  const all = entries.map(async (entry) => {
    if (entry.bytes !== null) return [entry]
    return depth < DEEPEST ? filesOf(entry.path, depth + 1) : []
  })
  return (await Promise.all(all)).flat()
}

/** What lies in a task's folder, to be saved. */
export function TaskFiles({ task: { folder, ended } }: { task: ListedTask }) {
  const t = useWords(words)
  const { bytes, date } = useNumbers()
  const files = useQuery({
    // When it ends there are others.
    queryKey: ['files', folder, ended],
    queryFn: () => filesOf(folder),
  })
  const columns: Column<Entry>[] = [
    {
      ...{ id: 'name', header: t.name, value: ({ path }) => path },
      cell: ({ path }) => (
        <a href={fileOf(path)} download>
          <bdi>{path.slice(folder.length + 1)}</bdi>
        </a>
      ),
    },
    {
      ...{ id: 'size', header: t.size, align: 'end', value: (one) => one.bytes },
      cell: (one) => bytes(one.bytes ?? 0),
    },
    {
      ...{ id: 'modified', header: t.modified, value: ({ modified }) => modified },
      cell: ({ modified }) => date(modified),
    },
  ]
  return (
    <section className="stack" aria-label={t.files}>
      <h2>{t.files}</h2>
      <Loaded query={files}>
        {(rows) =>
          rows.length === 0 ? (
            <p className="muted">{t.noFiles}</p>
          ) : (
            <DataTable {...{ rows, columns, label: t.files }} keyOf={({ path }) => path} />
          )
        }
      </Loaded>
    </section>
  )
}
