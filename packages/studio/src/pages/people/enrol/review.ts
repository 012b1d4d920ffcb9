import { useCallback, useEffect, useRef, useState } from 'react'
import { api, data } from '../../../api/client.js'
import { useMay } from '../../../session/session.js'
import { folderOf, type Item } from './items.js'

/** Photographs that the server looks at at a time. */
const AT_ONCE = 2

export interface Items {
  readonly items: readonly Item[]
  add(files: readonly File[]): void
  change(key: number, part: Partial<Item>): void
  clear(): void
}

/** Photographs that are to be enrolled: each that is added is looked at by the server, which keeps nothing of it. */
export function useItems(gallery: string): Items {
  const [items, setItems] = useState<readonly Item[]>([])
  const isTold = useMay()('identify')
  const running = useRef(new Set<number>())
  const last = useRef(0)
  const change = useCallback(
    (key: number, part: Partial<Item>) =>
      setItems((all) => all.map((one) => (one.key === key ? { ...one, ...part } : one))),
    [],
  )
  const add = useCallback((files: readonly File[]) => {
    const added = files.map((file) => {
      const [key, url] = [++last.current, URL.createObjectURL(file)]
      return { key, file, url, person: folderOf(file) }
    })
    setItems((all) => [...all, ...added])
  }, [])
  const clear = useCallback(() => setItems([]), [])
  const current = useRef(items)
  current.current = items
  useEffect(() => {
    const waiting = items.filter(
      ({ key, review, error }) => !review && error === undefined && !running.current.has(key),
    )
    for (const { key, file } of waiting.slice(0, AT_ONCE - running.current.size)) {
      running.current.add(key)
      const params = {
        path: { gallery },
        query: { top: 2, ...(isTold && { alike: 'true' as const }) },
      }
      data(
        api.POST('/v1/galleries/{gallery}/review', {
          params,
          body: { photo: file },
        }),
      ).then(
        (review) => {
          running.current.delete(key)
          change(key, { review })
        },
        (error: unknown) => {
          running.current.delete(key)
          change(key, { error })
        },
      )
    }
  }, [items, gallery, isTold, change])
  useEffect(
    () => () => {
      for (const { url } of current.current) URL.revokeObjectURL(url)
    },
    [],
  )
  return { items, add, change, clear }
}
