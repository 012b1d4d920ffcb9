import type { InversionAudit } from './audit.js'
import type { Group } from './people.js'
import { type Estimate, meanOver, type Summary, summaryOf } from './summary.js'

/** One way of attack on one group of people. */
export interface InversionRow extends Summary {
  readonly set: 'closed' | 'open'
  readonly protection: string
  readonly group: Group
  /** The attacked network's own cosine with the template, or with the centre of the class. */
  readonly reached: Estimate
  /** The same and the judge's cosine with other photographs, by steps: means over people. */
  readonly course: readonly {
    readonly step: number
    readonly reached: number
    readonly cosine: number
  }[]
}

/** The figures of an audit: what goes into its JSON. */
export interface InversionFigures {
  readonly rows: readonly InversionRow[]
  /** What the judge takes real photographs for: no attack does better. */
  readonly real: readonly (Summary & { readonly group: Group })[]
  readonly finished: boolean
}

export function inversionFigures({
  attacks,
  targets,
  real,
  points,
  finished,
}: InversionAudit): InversionFigures {
  const groups = [...new Set(targets.map(({ group }) => group))]
  return {
    rows: attacks.flatMap(({ set, protection, drawn }) =>
      groups.flatMap((group): InversionRow[] => {
        const own = drawn.filter(({ target }) => target.group === group).map(({ stages }) => stages)
        if (own.length === 0) return []
        const last = own.map((stages) => stages.at(-1)!)
        return [
          {
            ...{ set, protection, group, ...summaryOf(last, points) },
            reached: meanOver(last.map(({ reached }) => reached)),
            course: own[0]!.map(({ step }, look) => ({
              step,
              reached: meanOver(own.map((stages) => stages[look]!.reached)).value,
              cosine: summaryOf(
                own.map((stages) => stages[look]!),
                [],
              ).cosine.value,
            })),
          },
        ]
      }),
    ),
    real: groups.map((group) => ({
      group,
      ...summaryOf(
        real.filter((_, place) => targets[place]!.group === group),
        points,
      ),
    })),
    finished,
  }
}
