import { useQueryClient } from '@tanstack/react-query'
import { useLocation } from 'wouter'

/** Reads again what is shown of a gallery that was changed. */
export function useRenew(gallery: string): () => Promise<void> {
  const queries = useQueryClient()
  return async () => {
    await Promise.all(
      ['people', 'person', 'faces', 'gallery'].map((key) =>
        queries.invalidateQueries({ queryKey: [key, gallery] }),
      ),
    )
  }
}

/** `useRenew`, and to somebody of it, or to all. */
export function useLeave(gallery: string): (person?: string) => Promise<void> {
  const renew = useRenew(gallery)
  const [, go] = useLocation()
  return async (person) => {
    const place = new URLSearchParams({ gallery, ...(person !== undefined && { person }) })
    go(`/people?${place}`, { replace: true })
    // What is not shown any more is not read again: it may be gone.
    await new Promise((resolve) => setTimeout(resolve))
    await renew()
  }
}
