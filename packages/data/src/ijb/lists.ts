import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { forEachLine } from '@arcface/files'
import { DataError } from '../errors.js'
import { MissingImages } from '../pairs/missing.js'

// The lists that come with IJB-B and IJB-C as InsightFace's evaluation uses them (recognition/_evaluation_/ijb).

/** Images with the template and the medium (a photograph, or the frames of one video) each belongs to. */
export interface TemplateMediaList {
  /** File names, one a row. */
  names: string[]
  templates: Int32Array
  media: Int32Array
}

/** Pairs of templates. */
export interface TemplatePairs {
  a: Int32Array
  b: Int32Array
  /** 1 where both show the same person. */
  same: Uint8Array
}

/** The templates of a gallery or of probes, with their persons; one row an image, as listed. */
export interface SubjectList {
  templates: Int32Array
  subjects: Int32Array
}

/** Images with the five points and the score of a detector. */
export interface LandmarkList {
  names: string[]
  /** N x 5 x 2: x and y in pixels of left eye, right eye, nose, left and right corner of the mouth. */
  points: Float32Array
  scores: Float32Array
}

/**
 * `ijbc_face_tid_mid.txt`: lines of `name template medium`.
 *
 * @throws FilesError FILES_READ, FILES_LINE; DataError DATA_LIST (names the line)
 */
export function readTemplateMedia(path: string): TemplateMediaList {
  const names: string[] = []
  const templates = new Growing(Int32Array)
  const media = new Growing(Int32Array)
  forEachLine(path, (bytes, start, end, line) => {
    const fields = new Fields(path, bytes, start, end, line, 'name template medium')
    names.push(fields.text())
    templates.push(fields.integer())
    media.push(fields.integer())
    fields.end()
  })
  return { names: notEmpty(path, names), templates: templates.array(), media: media.array() }
}

/**
 * `ijbc_template_pair_label.txt`: lines of `template template label`. 15.6 million lines take 9 bytes each.
 *
 * @throws FilesError FILES_READ, FILES_LINE; DataError DATA_LIST
 */
export function readTemplatePairs(path: string): TemplatePairs {
  const a = new Growing(Int32Array)
  const b = new Growing(Int32Array)
  const same = new Growing(Uint8Array)
  forEachLine(path, (bytes, start, end, line) => {
    const fields = new Fields(path, bytes, start, end, line, 'template template label')
    a.push(fields.integer())
    b.push(fields.integer())
    const label = fields.integer()
    if (label > 1) throw fields.wrong()
    same.push(label)
    fields.end()
  })
  notEmpty(path, a)
  return { a: a.array(), b: b.array(), same: same.array() }
}

/**
 * `ijbc_1N_gallery_G1.csv` and the like: a heading (no field of it is a number), then `template,subject,...`; further
 * columns are left alone.
 *
 * @throws FilesError FILES_READ, FILES_LINE; DataError DATA_LIST (a line that cannot be read, a template of two people)
 */
export function readSubjects(path: string): SubjectList {
  const templates = new Growing(Int32Array)
  const subjects = new Growing(Int32Array)
  const subjectOf = new Map<number, number>()
  forEachLine(path, (bytes, start, end, line) => {
    if (line === 1 && !/(^|[\s,"])\d+($|[\s,"])/.test(bytes.toString('utf8', start, end))) return
    const fields = new Fields(path, bytes, start, end, line, 'template,subject')
    const [template, subject] = [fields.integer(), fields.integer()]
    const known = subjectOf.get(template) ?? subject
    if (known !== subject)
      throw new DataError(
        'DATA_LIST',
        `${path}, line ${line}: template ${template} is subject ${subject}, but further up ${known}. A template shows one person.`,
      )
    subjectOf.set(template, subject)
    templates.push(template)
    subjects.push(subject)
  })
  notEmpty(path, templates)
  return { templates: templates.array(), subjects: subjects.array() }
}

/**
 * `ijbc_name_5pts_score.txt`: lines of `name x y x y x y x y x y score`.
 *
 * @throws FilesError FILES_READ, FILES_LINE; DataError DATA_LIST
 */
export function readLandmarks(path: string): LandmarkList {
  const names: string[] = []
  const points = new Growing(Float32Array)
  const scores = new Growing(Float32Array)
  forEachLine(path, (bytes, start, end, line) => {
    const fields = new Fields(path, bytes, start, end, line, 'name, five x y, score')
    names.push(fields.text())
    for (let i = 0; i < 10; i++) points.push(fields.number())
    scores.push(fields.number())
    fields.end()
  })
  return { names: notEmpty(path, names), points: points.array(), scores: scores.array() }
}

/**
 * The files of a list's images, each once, in the order of the list.
 *
 * @param list its name, for the message
 * @throws DataError DATA_PAIRS_IMAGE where any is not there: counts all, names the first
 */
export function listedFiles(list: string, names: readonly string[], folder: string): string[] {
  const missing = new MissingImages()
  const files = [...new Set(names)].map((name) => join(folder, name))
  for (const file of files) if (!existsSync(file)) missing.add(list, file)
  missing.refuse()
  return files
}

function notEmpty<T extends { length: number }>(path: string, rows: T): T {
  if (rows.length === 0) throw new DataError('DATA_LIST', `${path} is an empty list.`)
  return rows
}

type Numbers = Int32Array | Uint8Array | Float32Array

/** A typed array that doubles when it is full. */
class Growing<T extends Numbers> {
  length = 0
  readonly #make: new (
    length: number,
  ) => T
  #array: T

  constructor(make: new (length: number) => T) {
    this.#make = make
    this.#array = new make(1024)
  }

  push(value: number): void {
    if (this.length === this.#array.length) {
      const larger = new this.#make(2 * this.length)
      larger.set(this.#array)
      this.#array = larger
    }
    this.#array[this.length++] = value
  }

  array(): T {
    return this.#array.slice(0, this.length) as T
  }
}

const isDigit = (byte: number) => byte >= 48 && byte <= 57
/** Space, tab and comma. */
const isSeparator = (byte: number) => byte === 32 || byte === 9 || byte === 44

/** The fields of a line, from left to right, without making text of whole numbers. */
class Fields {
  #at: number

  constructor(
    readonly path: string,
    readonly bytes: Buffer,
    readonly start: number,
    readonly stop: number,
    readonly line: number,
    readonly expected: string,
  ) {
    this.#at = start
  }

  text(): string {
    const [from, to] = this.#next()
    return this.bytes.toString('utf8', from, to)
  }

  /** From 0 to 2^31 - 1. */
  integer(): number {
    const [from, to] = this.#next()
    let value = 0
    for (let i = from; i < to; i++) {
      const byte = this.bytes[i]!
      if (!isDigit(byte)) throw this.wrong()
      value = 10 * value + byte - 48
    }
    if (value > 0x7fffffff) throw this.wrong()
    return value
  }

  number(): number {
    const value = Number(this.text())
    if (!Number.isFinite(value)) throw this.wrong()
    return value
  }

  end(): void {
    while (this.#at < this.stop && isSeparator(this.bytes[this.#at]!)) this.#at++
    if (this.#at < this.stop) throw this.wrong()
  }

  wrong(): DataError {
    const found = this.bytes.toString('utf8', this.start, Math.min(this.stop, this.start + 80))
    return new DataError(
      'DATA_LIST',
      `${this.path}, line ${this.line}: expected "${this.expected}", but found "${found}".`,
    )
  }

  #next(): [number, number] {
    let from = this.#at
    while (from < this.stop && isSeparator(this.bytes[from]!)) from++
    let to = from
    while (to < this.stop && !isSeparator(this.bytes[to]!)) to++
    if (from === to) throw this.wrong()
    this.#at = to
    return [from, to]
  }
}
