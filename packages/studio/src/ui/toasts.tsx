import { Toast } from '@base-ui/react/toast'
import type { ReactNode } from 'react'
import { useWords } from '../language/language.js'
import { Button } from './button.js'
import './overlays.css'
import { words } from './words.js'

export const Toasts = ({ children }: { children: ReactNode }) => (
  <Toast.Provider>
    {children}
    <Toast.Portal>
      <Toast.Viewport className="toasts">
        <List />
      </Toast.Viewport>
    </Toast.Portal>
  </Toast.Provider>
)

function List() {
  const t = useWords(words)
  return Toast.useToastManager().toasts.map((toast) => (
    <Toast.Root key={toast.id} toast={toast} className="toast">
      <div className="grow">
        <Toast.Title render={<strong />} />
        <Toast.Description />
      </div>
      <Toast.Close render={<Button kind="plain">{t.close}</Button>} />
    </Toast.Root>
  ))
}

/** Says for a few seconds that something was done: `tell('Saved')`. */
export function useTell(): (title: string, description?: string, type?: 'bad') => void {
  const { add } = Toast.useToastManager()
  return (title, description, type) =>
    void add({ title, ...(description && { description }), ...(type && { type }) })
}
