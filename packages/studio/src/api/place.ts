import { useCallback } from 'react'
import { useSearchParams } from 'wouter'

/**
 * A value that stands in the page's address, so that it is there again after a reload and a person can send it: `?run=a/b`.
 * `undefined` takes it out. By default the way back leads to the value before.
 */
export function useInAddress(
  name: string,
): [string | null, (value: string | undefined, options?: { replace?: boolean }) => void] {
  const [search, setSearch] = useSearchParams()
  const set = useCallback(
    (value: string | undefined, options?: { replace?: boolean }) =>
      setSearch((before) => {
        const next = new URLSearchParams(before)
        if (value === undefined) next.delete(name)
        else next.set(name, value)
        return next
      }, options),
    [name, setSearch],
  )
  return [search.get(name), set]
}
