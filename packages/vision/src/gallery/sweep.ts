import type { ArgumentRules } from './arguments.js'
import type { End } from './consent.js'
import type { GalleryRefusal } from './refuse.js'

/** By so much the clocks of several machines may differ. */
const SKEW_MS = 300_000

export interface SweepOptions {
  /** Default: what the clock says. */
  readonly now?: Date
  /** Tells who is due, and erases nobody. */
  readonly dryRun?: boolean
  /** The clock is right though the gallery was written to later than it says: by one that ran ahead. */
  readonly trustClock?: boolean
}

/** Somebody whose time is over. */
export interface Due extends End {
  readonly name: string
  readonly faces: number
}

/** The earliest end first. */
export const byEnd = (a: Due, b: Due): number =>
  a.at.getTime() - b.at.getTime() || (a.name < b.name ? -1 : 1)

/** Rules of sweeps. */
export const sweepRules = (refuse: GalleryRefusal, { checkOptions, checkDate }: ArgumentRules) => ({
  /** Throws USE. */
  checkSweep(options: SweepOptions): Required<SweepOptions> {
    checkOptions('sweep', options, { now: 'any', dryRun: 'boolean', trustClock: 'boolean' })
    const { now = new Date(), dryRun = false, trustClock = false } = options
    checkDate(now, 'now')
    return { now, dryRun, trustClock }
  },

  /** Throws CLOCK. @param written when the newest thing of the gallery was, in milliseconds since 1970 */
  checkClock(where: string, now: Date, written: number): void {
    if (now.getTime() + SKEW_MS >= written) return
    throw refuse(
      'CLOCK',
      `${where}: the clock says ${now.toISOString()}, but it was written to at ${new Date(written).toISOString()}: nobody is erased`,
      { hint: 'Set the clock. Where it is right, and another ran ahead, say so (`trustClock`).' },
    )
  },
})
