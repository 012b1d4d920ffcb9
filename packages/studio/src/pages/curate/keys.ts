import { useEffect, useRef } from 'react'
import type { ButtonProps } from '../../ui/button.js'

/** What a button does, and a key. */
export interface Deed {
  key: string
  text: string
  kind?: ButtonProps['kind']
  isOff: boolean
  run(): void
}

/** Single keys, unless somebody is writing or a menu has them. */
export function useKeys(isOn: boolean, deeds: readonly Deed[]): void {
  const current = useRef(deeds)
  current.current = deeds
  useEffect(() => {
    if (!isOn) return
    const pressed = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return
      const { target } = event
      if (
        target instanceof Element &&
        target.closest('input:not([type=checkbox]), select, textarea, [role=menu], [role=dialog]')
      )
        return
      const deed = current.current.find(({ key }) => key === event.key.toLowerCase())
      if (!deed || deed.isOff) return
      event.preventDefault()
      deed.run()
    }
    document.addEventListener('keydown', pressed)
    return () => document.removeEventListener('keydown', pressed)
  }, [isOn])
}
