import type { PersonRow } from './person.js'

/** People in memory: by the row of their table, and by id. */
export class HeldPeople {
  /** Nothing of who is gone is kept. */
  readonly waste = 0
  private readonly byRow = new Map<number, PersonRow>()
  private readonly byId = new Map<string, PersonRow>()

  get size(): number {
    return this.byRow.size
  }

  get(id: string): PersonRow | undefined {
    return this.byId.get(id)
  }

  /** Ids of those in all of these groups. */
  in(groups: readonly string[]): Set<string> {
    const found = new Set<string>()
    for (const person of this.byRow.values())
      if (groups.every((group) => person.groups.includes(group))) found.add(person.id)
    return found
  }

  has(row: number): boolean {
    return this.byRow.has(row)
  }

  rows(): IterableIterator<number> {
    return this.byRow.keys()
  }

  at(row: number): PersonRow | undefined {
    return this.byRow.get(row)
  }

  entries(): IterableIterator<[row: number, person: PersonRow]> {
    return this.byRow.entries()
  }

  add(row: number, person: PersonRow): void {
    this.byRow.set(row, person)
    this.byId.set(person.id, person)
  }

  remove(row: number): void {
    const person = this.byRow.get(row)!
    this.byRow.delete(row)
    if (this.byId.get(person.id) === person) this.byId.delete(person.id)
  }

  take(other: HeldPeople): void {
    for (const [row, person] of other.byRow) this.add(row, person)
  }
}
