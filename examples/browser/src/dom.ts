/** The first element of a selector; the page has it. */
export function $<T extends Element = HTMLElement>(
  selector: string,
  within: ParentNode = document,
): T {
  const found = within.querySelector<T>(selector)
  if (!found) throw new Error(`the page has no ${selector}`)
  return found
}

/** A new copy of what a <template> holds. */
export const copyOf = (id: string): HTMLElement =>
  document.importNode($<HTMLTemplateElement>(`template#${id}`).content, true)
    .firstElementChild as HTMLElement

export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  text = '',
  className = '',
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag)
  made.textContent = text
  made.className = className
  return made
}

/** Puts a picture into an image. @returns whether the browser can show it */
export async function showPicture(image: HTMLImageElement, picture: Blob): Promise<boolean> {
  image.src = URL.createObjectURL(picture)
  const isShown = await image.decode().then(
    () => true,
    () => false,
  )
  URL.revokeObjectURL(image.src)
  return isShown
}

/** Calls back with the files of an <input type="file">, or that are dropped on `zone`. */
export function onFiles(
  input: HTMLInputElement,
  zone: HTMLElement,
  chosen: (files: File[]) => void,
): void {
  const give = (files: FileList | null | undefined) => {
    if (files && files.length > 0) chosen([...files])
  }
  input.addEventListener('change', () => {
    give(input.files)
    input.value = '' // the same file may be chosen again
  })
  const over = (event: DragEvent) => {
    event.preventDefault()
    event.stopPropagation()
    zone.classList.toggle('dropping', event.type === 'dragover')
  }
  zone.addEventListener('dragover', over)
  zone.addEventListener('dragleave', over)
  zone.addEventListener('drop', (event) => {
    over(event)
    give(event.dataTransfer?.files)
  })
}

/** Asks in a dialog: for a text where one is given, else yes or no. @returns the text, '' for yes; null for no */
export function ask(question: {
  title: string
  text: string
  yes: string
  value?: string
}): Promise<string | null> {
  const dialog = $<HTMLDialogElement>('#ask')
  const input = $<HTMLInputElement>('input', dialog)
  $('strong', dialog).textContent = question.title
  $('p', dialog).textContent = question.text
  $('button.main', dialog).textContent = question.yes
  input.hidden = question.value === undefined
  input.required = !input.hidden
  input.value = question.value ?? ''
  dialog.returnValue = 'no'
  dialog.showModal()
  return new Promise((resolve) => {
    const close = () => resolve(dialog.returnValue === 'yes' ? input.value.trim() : null)
    dialog.addEventListener('close', close, { once: true })
  })
}
