import type { Identified, IdentifyOptions, Searched } from '@arcface/vision'
import { thresholdOf } from '../rules.js'

/** A search that is done together with others of the same filter. */
export class Call {
  #decided: { readonly threshold: number | null } | { readonly error: unknown } | undefined

  constructor(private readonly options: IdentifyOptions) {}

  get top(): number {
    return this.options.top ?? 1
  }

  get filter(): NonNullable<IdentifyOptions['filter']> {
    return this.options.filter ?? {}
  }

  /** The least similarity that it asks for. What its threshold throws fails it alone, when it is restricted. */
  leastOf(searched: Searched): number {
    try {
      this.#decided = { threshold: thresholdOf(this.options, searched) }
      return this.#decided.threshold ?? -1
    } catch (error) {
      this.#decided = { error }
      return 1
    }
  }

  /** Of what was found for all calls, what this one has asked for. @throws what its threshold has thrown */
  restrict({ searched, matches }: Identified): Identified {
    const decided = this.#decided!
    if ('error' in decided) throw decided.error
    const { threshold } = decided
    const found = matches.filter(({ similarity }) => similarity >= (threshold ?? -1))
    return { threshold, searched, matches: found.slice(0, this.top) }
  }
}
