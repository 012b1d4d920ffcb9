import { HeldPeople } from '@arcface/vision'
import type { Vector } from 'apache-arrow'
import type { Reading } from '../store/follow.js'

/** How people are held in memory. @param columns and these, which may be null */
export const readPeople = (...columns: readonly string[]): Reading<HeldPeople> => ({
  columns: ['id', 'name', 'groups', 'metadata', 'added', ...columns],
  empty: () => new HeldPeople(),
  add(people, batch, rows) {
    const [ids, names, groups, metadata, added] = this.columns.map((name) => batch.getChild(name)!)
    const more = columns.map((name) => [name, batch.getChild(name)!] as const)
    rows.forEach((row, i) => {
      people.add(row, {
        id: ids!.get(i),
        name: names!.get(i),
        groups: Array.from(groups!.get(i) as Vector),
        metadata: metadata!.get(i),
        added: added!.get(i),
        ...Object.fromEntries(more.map(([name, values]) => [name, values.get(i)])),
      })
    })
  },
})
