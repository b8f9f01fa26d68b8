/** How the client names itself where its user gives no other name. */
export const softwareName = '@floe/client'
export const softwareVersion = '0.1.0'
