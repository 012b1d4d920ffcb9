import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from 'react'

export const THEMES = ['system', 'light', 'dark'] as const
export type Theme = (typeof THEMES)[number]

const KEY = 'arcface.theme'
const prefersDark = () => matchMedia('(prefers-color-scheme: dark)')

const ThemeContext = createContext<{
  theme: Theme
  isDark: boolean
  choose(theme: Theme): void
}>({ theme: 'system', isDark: false, choose: () => {} })

/** Light or dark as a person chose, else as the system is. */
export function ThemeProvider({ children }: { children: ReactNode }) {
  const [theme, choose] = useState<Theme>(first)
  const [system, setSystem] = useState(() => prefersDark().matches)
  useEffect(() => {
    const query = prefersDark()
    const changed = () => setSystem(query.matches)
    query.addEventListener('change', changed)
    return () => query.removeEventListener('change', changed)
  }, [])
  const isDark = theme === 'system' ? system : theme === 'dark'
  useEffect(() => {
    document.documentElement.dataset.theme = isDark ? 'dark' : 'light'
    localStorage.setItem(KEY, theme)
  }, [isDark, theme])
  const value = useMemo(() => ({ theme, isDark, choose }), [theme, isDark])
  return <ThemeContext value={value}>{children}</ThemeContext>
}

function first(): Theme {
  const kept = localStorage.getItem(KEY) as Theme | null
  return kept !== null && THEMES.includes(kept) ? kept : 'system'
}

export const useTheme = () => useContext(ThemeContext)

/** Colours as the stylesheet has them now, for what is drawn without it: charts, maps. */
export function useColours() {
  const { isDark } = useTheme()
  // biome-ignore lint/correctness/useExhaustiveDependencies: the stylesheet's values change with it
  return useMemo(() => {
    const style = getComputedStyle(document.documentElement)
    const of = (name: string) => style.getPropertyValue(`--${name}`).trim()
    return {
      ...{ text: of('text'), muted: of('muted'), line: of('line'), surface: of('surface') },
      ...{ accent: of('accent'), good: of('good'), bad: of('bad'), warn: of('warn') },
      /** One after the other for lines that are told apart, also by those who see no red or green. */
      series: Array.from({ length: 8 }, (_, i) => of(`series-${i + 1}`)),
    }
  }, [isDark])
}
export type Colours = ReturnType<typeof useColours>
