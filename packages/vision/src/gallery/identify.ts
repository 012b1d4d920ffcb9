import type { ArgumentRules } from './arguments.js'
import type { Filter, NameRules } from './names.js'
import type { FoundPerson } from './person.js'
import type { GalleryRefusal } from './refuse.js'

/** What a search compared with, after the filter. */
export interface Searched {
  readonly people: number
  readonly faces: number
}

export interface IdentifyOptions {
  /** People at most. Default 1. */
  readonly top?: number
  /**
   * Cosine; people below are left out. Default: nobody is, so that the nearest has a name also where the face is a
   * stranger's. The more faces are searched the higher it must be: a function is told how many there are.
   */
  readonly threshold?: number | ((searched: Searched) => number)
  readonly filter?: Filter
}

export interface Match extends FoundPerson {
  /** Cosine of the embedding and the person's most similar face. */
  readonly similarity: number
  /** That face. */
  readonly face: string
  readonly source: string | null
}

export interface Identified {
  /** The threshold that was used, `null` for none. */
  readonly threshold: number | null
  readonly searched: Searched
  /** The most similar first. */
  readonly matches: readonly Match[]
}

/** Rules of a search. */
export const identifyRules = (
  refuse: GalleryRefusal,
  { checkOptions, checkCount }: ArgumentRules,
  { groupsOf }: NameRules,
) => {
  /** With groups as they are stored. Throws USE, NAME (a group). */
  function checkIdentify(options: IdentifyOptions): IdentifyOptions {
    checkOptions('identify', options, { top: 'number', threshold: 'any', filter: 'any' })
    const { top, threshold = -1, filter } = options
    checkCount(top, 'top')
    if (typeof threshold !== 'function') checkCosine(threshold)
    return { ...options, filter: { groups: groupsOf(filter) } }
  }

  function checkCosine(threshold: number): void {
    if (!(typeof threshold === 'number' && threshold >= -1 && threshold <= 1))
      throw refuse('USE', `threshold: a cosine from -1 to 1, not ${threshold}`)
  }

  /** The threshold of a search. Throws USE where a function gives no cosine. */
  function thresholdOf({ threshold }: IdentifyOptions, searched: Searched): number | null {
    if (typeof threshold !== 'function') return threshold ?? null
    const found = threshold(searched)
    checkCosine(found)
    return found
  }

  return { checkIdentify, thresholdOf }
}

export type IdentifyRules = ReturnType<typeof identifyRules>
