/** Who only asks whether the web part answers asks for this: no table is read for it. */
export const KNOCK_PATH = '/icon.svg';
