// The settings that rtsp and rtsps cameras share: one schema for form, check and documents.
import Type from 'typebox';
import { strictObject } from '../../contract/schema.ts';

export function rtspSettings(scheme: 'rtsp' | 'rtsps') {
  const address = (title: string, description: string) => Type.String({ title, description, minLength: 1, maxLength: 1000, pattern: `^\\s*[${scheme[0]}${scheme[0]!.toUpperCase()}]` });
  return strictObject({
    url: address('address', `like ${scheme}://192.168.1.20/stream; user and password may stand in it or in their own fields`),
    subUrl: Type.Optional(Type.String({ title: 'address of the small stream', description: 'counting uses this one where it is given: a sub-stream of about 640 x 360 is enough and costs a tenth', maxLength: 1000 })),
    user: Type.Optional(Type.String({ title: 'user', maxLength: 200 })),
    password: Type.Optional(Type.String({ title: 'password', maxLength: 200, secret: true })),
    ...(scheme === 'rtsp' ? { transport: Type.Optional(Type.Union([Type.Literal('tcp'), Type.Literal('udp')], { title: 'transport', description: 'tcp loses nothing; udp only where a camera knows nothing else', default: 'tcp' })) } : {}),
  });
}
