import type { GroupColumn, GroupRate, GroupsResult } from '../groups/schema.js'
import { csvText } from './csv.js'

/** Every rate as CSV: column, groups, kind, value, limits, errors, trials, people. */
export function groupsCsv({ fmr, fnmr, columns }: GroupsResult): string {
  const row = (column: string, a: string, b: string, kind: string, rate: GroupRate | null) =>
    rate === null
      ? []
      : [
          [
            column,
            a,
            b,
            kind,
            rate.value,
            rate.low,
            rate.high,
            rate.errors,
            rate.trials,
            rate.people,
          ],
        ]
  return csvText(
    ['column', 'group', 'other', 'rate', 'value', 'low', 'high', 'errors', 'trials', 'people'],
    [
      ...row('', '', '', 'FMR', fmr),
      ...row('', '', '', 'FNMR', fnmr),
      ...columns.flatMap((one) => {
        const name = nameOf(one)
        return [
          ...one.groups.flatMap((group) => [
            ...row(name, group.name, group.name, 'FMR', group.fmr),
            ...row(name, group.name, group.name, 'FNMR', group.fnmr),
          ]),
          ...one.across.flatMap(({ groups: [a, b], fmr, fnmr }) => [
            ...row(name, a, b, 'FMR', fmr),
            ...row(name, a, b, 'FNMR', fnmr),
          ]),
        ]
      }),
    ],
  )
}

/** Of several columns that are crossed all. */
export const nameOf = ({ columns }: GroupColumn): string => columns.join(' × ')
