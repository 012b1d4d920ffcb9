/** The folder of a synthetic person, counted from 1: `person_0001`. */
export function personName(person: number): string {
  return `person_${String(person).padStart(4, '0')}`
}
