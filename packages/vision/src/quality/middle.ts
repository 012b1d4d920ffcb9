/** The middle of an aligned face: eyes, nose and mouth, no hair and no background. */
export const MIDDLE = { left: 20, right: 92, top: 30, bottom: 104 } as const
