import { readFileSync } from 'node:fs'

interface RocGolden {
  name: string
  scores: number[]
  same: number[]
  fars: number[]
  auc: number
  /** TAR and FAR reached, for each of `fars`. */
  strict: [number, number][]
  nearest: [number, number][]
}

interface OpenSetGolden {
  rank: number
  fpir: number
  tpir: number
  threshold: number
}

/** What goldens/protocols.py wrote. */
export interface ProtocolGoldens {
  rocs: RocGolden[]
  foldedTar: {
    distances: number[]
    same: number[]
    folds: number
    targets: number[]
    expected: [number, number, number][]
  }
  templates: {
    dim: number
    embeddings: number[]
    mirrored: number[]
    templateOf: number[]
    mediaOf: number[]
    weights: number[]
    ids: number[]
    a: number[]
    b: number[]
    same: number[]
    fars: number[]
    cases: {
      name: string
      options: { flip?: boolean; weights?: boolean; norms?: 'unit'; one_medium?: boolean }
      pooled: number[]
      scores: number[]
      strict: [number, number][]
      nearest: [number, number][]
    }[]
  }
  identification: {
    dim: number
    keep: number
    faces: number[]
    person: number[]
    distractors: number[]
    probes: number[]
    probeOf: number[]
    gallery: number[]
    galleryOf: number[]
    cmc: number[]
    openSet: OpenSetGolden[]
    insightface: OpenSetGolden[]
    megaface: {
      probes: number
      cmc: number[]
      couples: number
      fars: number[]
      strict: [number, number][]
    }
  }
}

interface GoldenRate {
  errors: number
  trials: number
  value: number
}

interface GoldenDifferential {
  maxToMin: number | null
  maxToGeometricMean: number | null
  gini: number
}

/** What goldens/groups.py wrote. */
export interface GroupGoldens {
  dim: number
  rows: number[]
  person: number[]
  cases: {
    name: string
    groupOf: number[]
    threshold: number
    /** By the names of two groups, or twice of one. */
    cells: Record<string, { fmr: GoldenRate | null; fnmr: GoldenRate | null }>
    fmr: GoldenRate
    fnmr: GoldenRate
    fmrWithin: GoldenRate
    fmrAcross: GoldenRate
    differential: Record<'fmr' | 'fnmr', GoldenDifferential>
    fdr: number
    garbe: number
  }[]
  atFar: { far: number; threshold: number }[]
  measures: (GoldenDifferential & { values: number[] })[]
  /** Accuracies in percent. */
  rfw: { accuracies: number[]; std: number; skewedErrorRatio: number }
  binomial: { count: number; trials: number; level: number; low: number; high: number }[]
  student: { share: number; degrees: number; value: number }[]
  normal: { share: number; value: number }[]
}

export const protocolGoldens = (): ProtocolGoldens => generated('protocols')
export const groupGoldens = (): GroupGoldens => generated('groups')

const generated = <T>(name: string): T =>
  JSON.parse(readFileSync(new URL(`../../goldens/generated/${name}.json`, import.meta.url), 'utf8'))
