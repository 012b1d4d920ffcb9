import { useEffect, useRef, useState } from 'react'
import { tellReach, tellRefused } from './client.js'

export type StreamState = 'connecting' | 'open' | 'gone'

/**
 * Follows server-sent events of an address, by their names, until the part that asks is gone; comes back by itself when the
 * server does, with the id of the last event. `null`: follows nothing.
 */
export function useEvents(
  url: string | null,
  handlers: Readonly<Record<string, (data: unknown, id: string) => void>>,
): StreamState {
  const [state, setState] = useState<StreamState>('connecting')
  const current = useRef(handlers)
  current.current = handlers
  const names = Object.keys(handlers).join()
  useEffect(() => {
    if (url === null) return
    let source: EventSource | undefined
    let again: ReturnType<typeof setTimeout> | undefined
    let wait = 1000
    const open = () => {
      source = new EventSource(url)
      source.onopen = () => {
        wait = 1000
        setState('open')
        tellReach(true)
      }
      source.onerror = () => {
        setState('gone')
        // Where the answer was no stream, the browser does not try again by itself.
        if (source?.readyState !== EventSource.CLOSED) return
        tellRefused()
        again = setTimeout(open, wait)
        wait = Math.min(30_000, wait * 2)
      }
      for (const name of names.split(','))
        source.addEventListener(name, ({ data, lastEventId }: MessageEvent<string>) =>
          current.current[name]?.(JSON.parse(data), lastEventId),
        )
    }
    setState('connecting')
    open()
    return () => {
      clearTimeout(again)
      source?.close()
    }
  }, [url, names])
  return state
}
