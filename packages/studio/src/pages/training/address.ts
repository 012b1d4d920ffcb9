/** Where a part of the page is: `addressOf('run', 'runs/a')`. Several runs are named line by line: a place has no line break. */
export const addressOf = (what: 'run' | 'ablation' | 'compare', value: string): string =>
  `/training?${new URLSearchParams({ [what]: value })}`
