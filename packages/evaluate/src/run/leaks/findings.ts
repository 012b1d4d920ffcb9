/** What a file would give away if it were published. */
export type LeakKind =
  | 'picture'
  | 'templates'
  | 'centres'
  | 'optimizer'
  | 'names'
  | 'path'
  | 'machine'
  | 'unread'

/** Of each kind what it is, and what to do about it. */
export const LEAKS: Readonly<
  Record<LeakKind, { readonly meaning: string; readonly todo: string }>
> = {
  picture: {
    meaning: 'faces can be seen',
    todo: 'leave the file out; write reports without pictures of the worst pairs, or of people who agreed',
  },
  templates: {
    meaning: 'embeddings of photographs, which can be compared and inverted into faces',
    todo: 'leave the file out: it is needed to go on with the training alone',
  },
  centres: {
    meaning:
      'the centres of the classes: each is a template of somebody who was trained on, and can be compared and inverted',
    todo: 'leave the head out; publish the exported network alone, which has none',
  },
  optimizer: {
    meaning: 'the state of an optimizer, whose last gradients hold what the last batches were',
    todo: 'leave the file out: it is needed to go on with the training alone',
  },
  names: {
    meaning: 'names of people who were trained on',
    todo: 'leave the file out, or put numbers in place of the names',
  },
  path: {
    meaning:
      'paths of the machine that it was made on, which may name its user, the project or people',
    todo: 'make it anew from within its folder with relative paths, or take them out',
  },
  machine: {
    meaning: 'the name of the machine and the number of a process',
    todo: 'leave the file out; TensorBoard reads renamed event files too',
  },
  unread: {
    meaning: 'it was not looked through',
    todo: 'look at it yourself',
  },
}

export interface Leak {
  readonly kind: LeakKind
  /** From the folder that was looked through; of a single file its name. */
  readonly file: string
  /** What was found there, without a word of whom it shows. */
  readonly found: string
}
