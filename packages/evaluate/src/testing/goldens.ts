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

export const protocolGoldens = (): ProtocolGoldens =>
  JSON.parse(
    readFileSync(new URL('../../goldens/generated/protocols.json', import.meta.url), 'utf8'),
  )
