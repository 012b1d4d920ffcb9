import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { onReach, tellReach } from '../api/client.js'
import { useWords } from '../language/language.js'
import { words } from './words.js'

const AGAIN_MS = 2000

/** Says that the server is gone while it is, asks for it, and reads everything again when it is back. */
export function Reach() {
  const t = useWords(words)
  const queries = useQueryClient()
  const [isThere, setThere] = useState(true)
  useEffect(() => onReach(setThere), [])
  useEffect(() => {
    if (isThere) return
    const timer = setInterval(async () => {
      const found = await fetch('/health').then(
        (response) => response.ok,
        () => false,
      )
      if (found) tellReach(true)
    }, AGAIN_MS)
    return () => {
      clearInterval(timer)
      void queries.invalidateQueries()
    }
  }, [isThere, queries])
  if (isThere) return null
  return (
    <div className="notice" data-kind="warn" role="alert">
      {t.gone}
    </div>
  )
}
