import type { CameraFace, CameraFrame } from '../camera/events.js'
import { styleSheet } from './style.js'
import type { CameraTexts } from './texts.js'

/** What covers the picture while there is none. */
export interface Panel {
  readonly text: string
  /** What to do, or more about it. */
  readonly more?: string | undefined
  /** Of the button, where there is one. */
  readonly button?: string | undefined
  /** How far it is, 0 to 1; null where that is not known. */
  readonly progress?: number | null | undefined
}

/** Names of faces whose middle is nearer to a side, as a share of the picture, begin at the face's own side. */
const NEAR = 0.15
/** Faces nearer to the lower border than this share of the picture have their names above. */
const LOW = 0.82

/** What the element shows, in its shadow. */
export class View {
  readonly video = made('video', '', 'video')
  readonly #stage = made('div', 'stage', 'stage')
  readonly #faces = made('div', 'faces')
  readonly #panel = made('div', 'panel', 'panel')
  readonly #text = made('p', '')
  readonly #more = made('small', '')
  readonly #progress = made('progress', '', 'progress')
  readonly #button = made('button', '', 'button')
  readonly #hint = made('p', 'hint', 'hint')
  readonly #told = made('p', 'told')
  readonly #boxes = new Map<number, HTMLElement>()

  /** @param begin the button was pressed */
  constructor(root: ShadowRoot, begin: () => void) {
    root.adoptedStyleSheets = [styleSheet()]
    this.video.muted = true
    this.video.playsInline = true
    this.video.addEventListener('resize', () => {
      const { videoWidth, videoHeight } = this.video
      if (videoWidth > 0) this.#stage.style.setProperty('--ratio', `${videoWidth} / ${videoHeight}`)
    })
    this.#faces.ariaHidden = 'true'
    this.#hint.role = 'status'
    this.#told.role = 'status'
    this.#button.type = 'button'
    this.#button.addEventListener('click', begin)
    this.#panel.role = 'status'
    this.#panel.append(this.#text, this.#progress, this.#button)
    this.#stage.append(this.video, this.#faces, this.#hint, this.#panel, this.#told)
    root.append(this.#stage)
  }

  /** Covers the picture, or shows it. */
  cover(panel: Panel | undefined): void {
    this.#stage.classList.toggle('covered', panel !== undefined)
    this.#panel.hidden = panel === undefined
    if (panel === undefined) return
    this.clear()
    const { text, more = '', button, progress } = panel
    this.#more.textContent = more
    // Said again by a screen reader only where it is other text.
    if (this.#text.firstChild?.textContent !== text || !this.#more.isConnected)
      this.#text.replaceChildren(text, this.#more)
    this.#progress.hidden = progress === undefined
    if (typeof progress === 'number') this.#progress.value = progress
    else this.#progress.removeAttribute('value')
    this.#button.hidden = button === undefined
    this.#button.textContent = button ?? ''
  }

  /** @param hint what is said below, '' for nothing @param isMirrored as a person sees themselves in a mirror */
  frame(frame: CameraFrame, hint: string, isMirrored: boolean, texts: CameraTexts): void {
    const { faces } = frame
    this.video.ariaLabel = texts.video
    this.#stage.classList.toggle('mirrored', isMirrored)
    if (this.#hint.textContent !== hint) this.#hint.textContent = hint
    this.#hint.classList.toggle('good', frame.hint === 'ok')
    for (const [id, box] of this.#boxes)
      if (!faces.some((face) => face.id === id)) {
        box.remove()
        this.#boxes.delete(id)
      }
    for (const face of faces) this.#face(face, frame, isMirrored, texts)
  }

  /** Says something to who does not see the picture. */
  tell(text: string): void {
    this.#told.textContent = text
  }

  clear(): void {
    this.#hint.textContent = ''
    this.#told.textContent = ''
    this.#boxes.clear()
    this.#faces.replaceChildren()
  }

  #face(
    { id, box, hint, identity }: CameraFace,
    { width, height }: CameraFrame,
    isMirrored: boolean,
    { stranger }: CameraTexts,
  ): void {
    const shown = this.#boxes.get(id) ?? this.#faces.appendChild(made('div', 'face', 'face'))
    this.#boxes.set(id, shown)
    const left = isMirrored ? width - box.x - box.width : box.x
    const share = (pixels: number, of: number) => `${((100 * pixels) / of).toFixed(2)}%`
    Object.assign(shown.style, {
      left: share(left, width),
      top: share(box.y, height),
      width: share(box.width, width),
      height: share(box.height, height),
    })
    shown.classList.toggle('good', hint === 'ok')
    shown.classList.toggle('above', box.y + box.height > LOW * height)
    const middle = (left + box.width / 2) / width
    shown.classList.toggle('leftmost', middle < NEAR)
    shown.classList.toggle('rightmost', middle > 1 - NEAR)
    // Without a threshold nobody can say that somebody is a stranger.
    const known = identity?.matches[0]?.name
    const name = known ?? (identity && identity.threshold !== null ? stranger : '')
    const label = shown.querySelector<HTMLElement>('.name') ?? shown.appendChild(nameLabel())
    label.classList.toggle('stranger', known === undefined)
    label.hidden = name === ''
    if (label.textContent !== name) label.textContent = name
  }
}

function nameLabel(): HTMLElement {
  const label = made('span', 'name', 'name')
  label.dir = 'auto'
  return label
}

function made<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className: string,
  part = '',
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag)
  if (className) element.className = className
  if (part) element.part.add(part)
  return element
}
