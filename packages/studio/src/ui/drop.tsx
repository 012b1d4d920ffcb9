import { type DragEvent, useRef, useState } from 'react'
import { useWords } from '../language/language.js'
import { Button } from './button.js'
import './parts.css'
import { words } from './words.js'

/** Takes files by drop, by choice and by paste. @param folder lets a folder be chosen, with all that is in it */
export function DropFiles({
  accept = 'image/*',
  multiple = true,
  folder = false,
  told,
  onFiles,
}: {
  accept?: string
  multiple?: boolean
  folder?: boolean
  told?: string
  onFiles(files: File[]): void
}) {
  const t = useWords(words)
  const input = useRef<HTMLInputElement>(null)
  const [isOver, setOver] = useState(false)
  const over = (is: boolean) => (event: DragEvent) => {
    event.preventDefault()
    setOver(is)
  }
  const take = async (event: DragEvent) => {
    event.preventDefault()
    setOver(false)
    const files = await filesOf(event.dataTransfer)
    if (files.length > 0) onFiles(multiple ? files : files.slice(0, 1))
  }
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: what is dropped here can be chosen by the button in it
    <div
      className="drop"
      data-over={isOver}
      onDragOver={over(true)}
      onDragLeave={over(false)}
      onDrop={take}
      onPaste={({ clipboardData }) => {
        const files = [...clipboardData.files]
        if (files.length > 0) onFiles(files)
      }}
    >
      <span>{t.drop}</span>
      <Button onClick={() => input.current?.click()}>{t.choose}</Button>
      {told && <span className="muted">{told}</span>}
      <input
        ref={input}
        type="file"
        hidden
        {...{ accept, multiple }}
        {...(folder && { webkitdirectory: '' })}
        onChange={({ target }) => {
          const files = [...(target.files ?? [])]
          target.value = ''
          if (files.length > 0) onFiles(files)
        }}
      />
    </div>
  )
}

/** Also those in folders that were dropped, with `webkitRelativePath` as it is where a folder was chosen. */
async function filesOf({ items, files }: DataTransfer): Promise<File[]> {
  const entries = [...items].map((item) => item.webkitGetAsEntry())
  if (!entries.some((entry) => entry?.isDirectory)) return [...files]
  return (await Promise.all(entries.map((entry) => (entry ? under(entry) : [])))).flat()
}

async function under(entry: FileSystemEntry): Promise<File[]> {
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) =>
      (entry as FileSystemFileEntry).file(resolve, reject),
    )
    Object.defineProperty(file, 'webkitRelativePath', { value: entry.fullPath.slice(1) })
    return [file]
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader()
  const all: FileSystemEntry[] = []
  // It gives at most a hundred at a time.
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    )
    if (some.length === 0) break
    all.push(...some)
  }
  return (await Promise.all(all.map(under))).flat()
}
