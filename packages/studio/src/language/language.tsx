import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from 'react'

export const LANGUAGES = { en: 'English', zh: '中文' } as const
export type Language = keyof typeof LANGUAGES

/** What a page says: a text, or one made of values. */
export type Says = Readonly<Record<string, string | ((...values: never[]) => string)>>
/** In every language the same names, and of each the same values. */
export interface Words<T extends Says> {
  readonly en: T
  readonly zh: { readonly [K in keyof T]: T[K] extends string ? string : T[K] }
}

/** The words of a page or a part of one: `defineWords({ en: { title: 'People' }, zh: { title: '人员' } })`. */
export const defineWords = <const T extends Says>(words: Words<T>): Words<T> => words

const KEY = 'arcface.language'

const LanguageContext = createContext<{ language: Language; choose(language: Language): void }>({
  language: 'en',
  choose: () => {},
})

/** The language that a person chose in this browser, else the browser's, else English. */
export function LanguageProvider({ children }: { children: ReactNode }) {
  const [language, choose] = useState<Language>(first)
  useEffect(() => {
    document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en'
    localStorage.setItem(KEY, language)
  }, [language])
  const value = useMemo(() => ({ language, choose }), [language])
  return <LanguageContext value={value}>{children}</LanguageContext>
}

function first(): Language {
  const kept = localStorage.getItem(KEY)
  if (kept !== null && kept in LANGUAGES) return kept as Language
  return navigator.languages.some((one) => /^zh\b/i.test(one)) ? 'zh' : 'en'
}

export const useLanguage = () => useContext(LanguageContext)

/** The words in the page's language. */
export function useWords<T extends Says>(words: Words<T>): T {
  return words[useLanguage().language] as T
}

/** Numbers and dates as the page's language writes them. */
export function useNumbers() {
  const { language } = useLanguage()
  return useMemo(() => {
    const format = (options?: Intl.NumberFormatOptions) => new Intl.NumberFormat(language, options)
    const whole = format({ maximumFractionDigits: 0 })
    const dates = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' })
    const bytes = ['byte', 'kilobyte', 'megabyte', 'gigabyte'] as const
    return {
      /** 12,345 */
      count: (value: number) => whole.format(value),
      /** With so many digits behind the point. */
      fixed: (value: number, digits: number) =>
        format({ minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value),
      /** Of a fraction, such as a rate: 0.1 %, and below a thousandth of it as 1e-6. */
      rate: (value: number, digits = 3) =>
        value !== 0 && Math.abs(value) < 1e-5
          ? format({ notation: 'scientific', maximumSignificantDigits: digits }).format(value)
          : format({ style: 'percent', maximumSignificantDigits: digits }).format(value),
      significant: (value: number, digits = 3) =>
        format({ maximumSignificantDigits: digits }).format(value),
      bytes: (value: number) => {
        const power = Math.min(3, Math.max(0, Math.floor(Math.log10(Math.max(1, value)) / 3)))
        return format({
          style: 'unit',
          unit: bytes[power]!,
          unitDisplay: power === 0 ? 'long' : 'short',
          maximumFractionDigits: power === 0 ? 0 : 1,
        }).format(value / 1000 ** power)
      },
      date: (value: string | number | Date) => dates.format(new Date(value)),
      /** Seconds as 1:02:03. */
      duration: (seconds: number) => {
        const all = Math.max(0, Math.round(seconds))
        const two = (part: number) => String(part).padStart(2, '0')
        const [h, m, s] = [Math.floor(all / 3600), Math.floor(all / 60) % 60, all % 60]
        return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`
      },
    }
  }, [language])
}
export type Numbers = ReturnType<typeof useNumbers>
