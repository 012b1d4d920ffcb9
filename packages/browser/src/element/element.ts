import type { ChallengeState, SceneHint } from '@arcface/vision'
import { FaceCamera, type FaceCameraOptions } from '../camera/camera.js'
import type { CameraChallengeOptions, ChallengeResult } from '../camera/challenge.js'
import type { CameraEvents, CameraFrame, CameraState } from '../camera/events.js'
import type { CapturedFace } from '../camera/messages.js'
import { BrowserError } from '../errors.js'
import { Recognizer } from '../recognizer/recognizer.js'
import { type CameraTexts, ENGLISH } from './texts.js'
import { View } from './view.js'

const EVENTS = [
  ...(['frame', 'track', 'face', 'identified', 'lost'] as const),
  ...(['challenge', 'state', 'error'] as const),
]

interface Telling {
  addEventListener<K extends keyof CameraEvents>(
    kind: K,
    listener: (event: CameraEvents[K]) => void,
    options?: AddEventListenerOptions | boolean,
  ): void
}

// Where a page is rendered on a server there is none.
const Base = (globalThis.HTMLElement ?? class {}) as new () => Telling & HTMLElement

/**
 * `<arcface-camera models="models/" identify>`: shows what the camera sees, frames faces and names them, and says what a
 * person is to do. It starts when it is in the page, with the attribute `manual` by its button; the camera is free when it
 * leaves the page. Attributes: `models` (a pack's address; or set the property `recognizer`), `wasm-paths`, `identify`,
 * `facing-mode`, `device-id`, `manual`. It fires the events of `FaceCamera`, which do not bubble.
 */
export class ArcfaceCamera extends Base {
  static readonly observedAttributes = [
    'models',
    'wasm-paths',
    'identify',
    'facing-mode',
    'device-id',
  ]

  readonly #view = new View(this.attachShadow({ mode: 'open' }), () => void this.#begin())
  #texts = ENGLISH
  #recognizer: Recognizer | undefined
  #options: FaceCameraOptions = {}
  /** Of the models that the element opens by itself. */
  #own: Promise<Recognizer> | undefined
  #opened: Recognizer | undefined
  #camera: FaceCamera | undefined
  #started: Promise<void> | undefined
  #abort = new AbortController()
  #captures = 0
  /** Of the challenge that runs. */
  #asked: ChallengeState | undefined
  #isChanging = false
  /** Between `connectedCallback` and `disconnectedCallback`: attributes come before. */
  #isHere = false

  /** Set in the place of `models`: one that the page has opened, and closes. Else that of `models`, once it is open. */
  get recognizer(): Recognizer | undefined {
    return this.#recognizer ?? this.#opened
  }

  set recognizer(recognizer: Recognizer | undefined) {
    this.#recognizer = recognizer
    this.#changed()
  }

  /** What else the camera is given; attributes go before it. */
  get options(): FaceCameraOptions {
    return this.#options
  }

  set options(options: FaceCameraOptions | undefined) {
    this.#options = options ?? {}
    this.#changed()
  }

  /** What it says, for another language: those that are missing stay English. */
  get texts(): CameraTexts {
    return this.#texts
  }

  set texts(texts: Partial<CameraTexts> | undefined) {
    const errors = { ...ENGLISH.errors, ...texts?.errors }
    const failures = { ...ENGLISH.failures, ...texts?.failures }
    this.#texts = { ...ENGLISH, ...texts, errors, failures }
  }

  /** Of the camera. */
  get state(): CameraState {
    return this.#camera?.state ?? 'stopped'
  }

  /** Opens the models, if it has to, and starts the camera. Errors as `FaceCamera.start` and `Recognizer.open`. */
  start(): Promise<void> {
    if (this.#started === undefined) {
      const abort = new AbortController()
      this.#abort = abort
      // Not at once: what fails at once is a failed start as well.
      this.#started = Promise.resolve().then(() => this.#start(abort.signal))
    }
    return this.#started
  }

  /** Frees the camera. */
  stop(): void {
    this.#end()
    this.#view.cover({ text: this.#texts.stopped, button: this.#texts.start })
  }

  /** As `FaceCamera.capture`: the best frame of one person, who is told meanwhile what to do. It starts the camera. */
  async capture(options: { readonly signal?: AbortSignal } = {}): Promise<CapturedFace> {
    options.signal?.throwIfAborted()
    await this.start()
    const camera = this.#camera
    if (camera === undefined) throw new BrowserError('BROWSER_USE', 'the camera was stopped')
    this.#captures++
    try {
      return await camera.capture(options)
    } finally {
      this.#captures--
    }
  }

  /** As `FaceCamera.challenge`: it says what is asked, and at last whether it was passed. It starts the camera. */
  async challenge(options: CameraChallengeOptions = {}): Promise<ChallengeResult> {
    options.signal?.throwIfAborted()
    await this.start()
    const camera = this.#camera
    if (camera === undefined) throw new BrowserError('BROWSER_USE', 'the camera was stopped')
    try {
      const result = await camera.challenge(options)
      const { failure } = result
      this.#view.tell(failure === null ? this.#texts.passed : this.#texts.failures[failure])
      return result
    } finally {
      this.#asked = undefined
    }
  }

  connectedCallback(): void {
    this.#isHere = true
    // A property that was set before the element was known hides the class's own.
    for (const name of ['recognizer', 'options', 'texts'] as const) {
      if (!Object.hasOwn(this, name)) continue
      const value = this[name]
      Reflect.deleteProperty(this, name)
      Object.assign(this, { [name]: value })
    }
    this.#rest()
  }

  disconnectedCallback(): void {
    this.#isHere = false
    this.#end()
    this.#close()
  }

  attributeChangedCallback(name: string, before: string | null, now: string | null): void {
    if (before === now) return
    if (name === 'models' || name === 'wasm-paths') this.#close()
    this.#changed()
  }

  /** Several changes at once are one. */
  #changed(): void {
    if (this.#isChanging || !this.#isHere) return
    this.#isChanging = true
    queueMicrotask(() => {
      this.#isChanging = false
      if (!this.#isHere) return
      const wasOn = this.#started !== undefined
      this.#end()
      this.#rest(wasOn)
    })
  }

  /** Begins where nobody has to press the button first, and there is something to begin with. */
  #rest(wasOn = false): void {
    if (!this.#isReady()) this.#view.cover({ text: this.#texts.loading, progress: null })
    else if (wasOn || !this.hasAttribute('manual')) void this.#begin()
    else this.stop()
  }

  #isReady(): boolean {
    return this.#recognizer !== undefined || this.hasAttribute('models')
  }

  /** What goes wrong is shown, and told by an event. */
  #begin(): Promise<void> {
    return this.start().catch(() => {})
  }

  async #start(signal: AbortSignal): Promise<void> {
    try {
      signal.throwIfAborted()
      const recognizer = this.#recognizer ?? (await this.#open())
      signal.throwIfAborted()
      this.#opened = recognizer
      const camera = new FaceCamera(recognizer, this.#given())
      this.#camera = camera
      for (const kind of EVENTS)
        camera.addEventListener(kind, ({ detail }) => this.#forward(camera, kind, detail))
      await camera.start()
    } catch (error) {
      // What the camera has told is told.
      if (!signal.aborted && this.#started) this.#failed(error as Error)
      throw error
    }
  }

  #open(): Promise<Recognizer> {
    const models = this.getAttribute('models')
    if (models === null)
      throw new BrowserError('BROWSER_USE', 'arcface-camera has neither models nor a recognizer')
    const { loading: text } = this.#texts
    this.#view.cover({ text, progress: null })
    const parts = new Map<string, { loaded: number; total?: number | undefined }>()
    this.#own ??= Recognizer.open({
      models,
      ...(this.hasAttribute('wasm-paths') && { wasmPaths: this.getAttribute('wasm-paths')! }),
      onProgress: ({ file, loaded, total }) => {
        parts.set(file, { loaded, total })
        this.#view.cover({ text, progress: shareOf([...parts.values()]) })
      },
    }).catch((error) => {
      this.#own = undefined // the next start tries again
      throw error
    })
    return this.#own
  }

  #given(): FaceCameraOptions {
    const deviceId = this.getAttribute('device-id')
    const facingMode = this.getAttribute('facing-mode')
    return {
      ...this.#options,
      video: this.#view.video,
      ...(this.hasAttribute('identify') && !this.#options.identify && { identify: true }),
      ...(deviceId && { deviceId }),
      ...(facingMode && { facingMode: facingMode as 'user' | 'environment' }),
    }
  }

  #forward<K extends keyof CameraEvents>(
    camera: FaceCamera,
    kind: K,
    detail: CameraEvents[K]['detail'],
  ): void {
    if (camera !== this.#camera) return
    if (kind === 'challenge') this.#asked = detail as ChallengeState
    if (kind === 'frame') this.#show(detail as CameraFrame)
    if (kind === 'identified') {
      const { identity } = detail as CameraEvents['identified']['detail']
      this.#view.tell(identity.matches.map(({ name }) => name).join(', '))
    }
    if (kind === 'state' && detail === 'starting') this.#view.cover({ text: this.#texts.starting })
    if (kind === 'state' && detail === 'running') this.#view.cover(undefined)
    if (kind === 'error') this.#failed(detail as Error)
    else this.dispatchEvent(new CustomEvent(kind, { detail }))
  }

  #show(frame: CameraFrame): void {
    const [track] = (this.#view.video.srcObject as MediaStream | null)?.getVideoTracks() ?? []
    const isMirrored = track?.getSettings().facingMode !== 'environment'
    this.#view.frame(frame, this.#say(frame.hint), isMirrored, this.#texts)
  }

  /** What is asked goes before what the picture is like, unless nobody is there to be asked. */
  #say(hint: SceneHint): string {
    const { ask = null } = this.#asked ?? {}
    const isAsked = ask !== null && ask !== 'ready'
    if (isAsked && hint !== 'nobody' && hint !== 'alone') return this.#texts[ask]
    // Several may stand there, unless one is meant.
    const isOne = this.#captures > 0 || this.#asked !== undefined
    return hint === 'alone' && !isOne ? '' : this.#texts[hint]
  }

  #failed(error: Error): void {
    this.#started = undefined
    const { code, message, hint } = error as Partial<BrowserError> & Error
    const own = code && this.#texts.errors[code]
    const [text, more] = own ? [own, undefined] : [message, hint]
    this.#view.cover({ text, more, button: this.#texts.again })
    this.dispatchEvent(new CustomEvent('error', { detail: error }))
  }

  #end(): void {
    this.#abort.abort()
    this.#started = undefined
    this.#camera?.stop()
    this.#camera = undefined
    this.#view.clear()
  }

  #close(): void {
    const own = this.#own
    this.#own = undefined
    this.#opened = undefined
    own?.then((recognizer) => recognizer.close()).catch(() => {})
  }
}

/** How much of all is there, 0 to 1; null where a size is not known. */
function shareOf(parts: readonly { loaded: number; total?: number | undefined }[]): number | null {
  if (parts.some(({ total }) => total === undefined)) return null
  const sum = (of: 'loaded' | 'total') => parts.reduce((all, part) => all + part[of]!, 0)
  return sum('total') === 0 ? null : sum('loaded') / sum('total')
}
