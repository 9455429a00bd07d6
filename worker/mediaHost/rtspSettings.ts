// The settings that rtsp and rtsps cameras share: one schema for form, check and documents.
import Type from 'typebox';
import { strictObject } from '../../contract/schema.ts';

export function rtspSettings(scheme: 'rtsp' | 'rtsps') {
  const address = (words: { title: string; zh: string; description: string; descriptionZh: string }) => Type.String({ ...words, minLength: 1, maxLength: 1000, pattern: `^\\s*[${scheme[0]}${scheme[0]!.toUpperCase()}]` });
  return strictObject({
    url: address({
      title: 'address', description: `like ${scheme}://192.168.1.20/stream; user and password may stand in it or in their own fields`,
      zh: '地址', descriptionZh: `如 ${scheme}://192.168.1.20/stream;用户名和密码可写在地址中,也可填在下面`,
    }),
    subUrl: Type.Optional(Type.String({ title: 'address of the small stream', description: 'counting uses this one where it is given: a sub-stream of about 640 x 360 is enough and costs a tenth', zh: '子码流地址', descriptionZh: '填写后用它来计数:约 640 x 360 的子码流已足够,开销只有十分之一', maxLength: 1000 })),
    user: Type.Optional(Type.String({ title: 'user', zh: '用户名', maxLength: 200 })),
    password: Type.Optional(Type.String({ title: 'password', zh: '密码', maxLength: 200, secret: true })),
    ...(scheme === 'rtsp' ? { transport: Type.Optional(Type.Union([Type.Literal('tcp'), Type.Literal('udp')], { title: 'transport', description: 'tcp loses nothing; udp only where a camera knows nothing else', zh: '传输方式', descriptionZh: 'tcp 不丢数据;仅当摄像机只支持 udp 时才选 udp', default: 'tcp' })) } : {}),
  });
}
