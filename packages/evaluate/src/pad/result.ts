/** What was held before a camera, and what the detectors of attacks said. */
export interface Presentation {
  /** What reports call it. */
  readonly name: string
  /** The species of the instrument of attack; null for a living person. */
  readonly species: string | null
  /** Who is shown; null where nobody knows: then it counts as somebody of its own. */
  readonly person: string | null
  /** Of each detector, the higher the more living; null where there is no answer (no face found, none said). */
  readonly scores: readonly number[] | null
}

/** A detector of attacks. */
export interface PadDetector {
  readonly name: string
  /** The least score that it takes for living; null where it names none. */
  readonly threshold: number | null
}

/** A share of presentations. */
export interface PadRate {
  readonly value: number
  /** Limits of the interval over people; null where people are too few. */
  readonly low: number | null
  readonly high: number | null
  /** Presentations, and how many of them went wrong. */
  readonly presentations: number
  readonly errors: number
  /** Who was presented, and with how many people it went wrong at least once. */
  readonly people: number
  readonly affected: number
}

/** What was presented of one kind. */
export interface PresentedKind {
  readonly presentations: number
  readonly people: number
  /**
   * Share without an answer (of attacks APNRR, of living people BPNRR). These are in no other figure: APCER and BPCER are
   * shares of what was classified.
   */
  readonly nonResponse: PadRate
}

/** A detector where no more than a share of the attacks of any species are taken for living. */
export interface AtApcer {
  readonly apcer: number
  /** The least score that is taken for living; null where none but to refuse everybody is enough. */
  readonly threshold: number | null
  readonly bpcer: PadRate
  /** The species that asks for it; null where every threshold does. */
  readonly species: string | null
  /** The same for each species by itself, in their order; null where none of it was classified. */
  readonly each: readonly (PadRate | null)[]
}

/** A detector where no more than a share of living people are refused. */
export interface AtBpcer {
  readonly bpcer: number
  /** The least score that is taken for living. */
  readonly threshold: number
  /** Of each species, in their order; null where none of it was classified. */
  readonly apcer: readonly (PadRate | null)[]
  /** Place of the worst species. */
  readonly worst: number
}

/** A detector at its own threshold. */
export interface AtOwn {
  readonly threshold: number
  readonly bpcer: PadRate
  /** Of each species, in their order; null where none of it was classified. */
  readonly apcer: readonly (PadRate | null)[]
  /** Place of the worst species, and its APCER; the upper limit is the highest of any species. */
  readonly worst: number
  readonly apcerMax: PadRate
  /** Mean of BPCER and the highest APCER. Outdated: ISO/IEC 30107-3 has it no more, older papers do. */
  readonly acer: number
}

/** The figures of a detector. */
export interface DetectorFigures {
  readonly name: string
  /** Null where it names no threshold. */
  readonly own: AtOwn | null
  readonly atApcer: readonly AtApcer[]
  readonly atBpcer: readonly AtBpcer[]
}

/** Figures of presentation attack detection after ISO/IEC 30107-3; all rates are fractions. */
export interface PadResult {
  readonly living: PresentedKind
  readonly species: readonly (PresentedKind & { readonly name: string })[]
  readonly detectors: readonly DetectorFigures[]
  /** All who were presented. */
  readonly people: number
  /** Of the intervals. */
  readonly level: number
  readonly replicates: number
}
