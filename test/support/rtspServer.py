# A camera that is not ours: gst-rtsp-server playing encoded video in endless loops, for tests and benches. Started by rtspServer.ts.
# Debian: gir1.2-gst-rtsp-server-1.0 python3-gi gstreamer1.0-plugins-{base,good,bad,ugly} gstreamer1.0-libav; for TLS glib-networking openssl
# argv[1] is JSON: {port, cacheFolder, user, password, tls, paths: [{path, codec, parts: [{file, widthPx, heightPx}], framesPerS, framesMost, keyEvery, auth, clockOffS}]}
# Prints {"port": N} once it listens. Ends when its standard input closes, so that a dead test leaves no camera behind.
import gi, hashlib, json, os, struct, subprocess, sys, threading
gi.require_version('Gst', '1.0'); gi.require_version('GstRtsp', '1.0'); gi.require_version('GstRtspServer', '1.0')
from gi.repository import Gio, GLib, Gst, GstRtsp, GstRtspServer

NTP_UNIX_OFFSET_S = 2208988800
CAPS = {'h264': 'video/x-h264,stream-format=byte-stream,alignment=au', 'h265': 'video/x-h265,stream-format=byte-stream,alignment=au'}


def encoded(path, part, cache_folder):
    """The access units of one video, encoded once and kept in the cache folder: [(bytes, is_key)]."""
    codec, fps, key_every = path['codec'], path.get('framesPerS', 15), path.get('keyEvery', 15)
    frames_most = path.get('framesMost', 300)
    name = hashlib.sha256(json.dumps([codec, fps, key_every, frames_most, part]).encode()).hexdigest()[:16]
    kept = os.path.join(cache_folder, name + '.units')
    if not os.path.exists(kept):
        # As a camera would: 700 kbit/s at 640x360, more for more pixels.
        kbit = lambda part: max(700, round(700 * part['widthPx'] * part['heightPx'] / (640 * 360)))
        coder = {
            'h264': 'x264enc threads=1 sliced-threads=false speed-preset=veryfast tune=zerolatency bitrate=%d key-int-max=%d ! h264parse' % (kbit(part), key_every),
            'h265': 'x265enc speed-preset=ultrafast tune=zerolatency bitrate=500 key-int-max=%d option-string="pools=none:frame-threads=1:repeat-headers=1" ! h265parse' % key_every,
        }[codec]
        pipeline = Gst.parse_launch(
            'filesrc name=f ! decodebin ! videoconvert ! videoscale ! videorate ! '
            'video/x-raw,format=I420,width=%d,height=%d,framerate=%d/1,pixel-aspect-ratio=1/1 ! %s ! %s ! appsink name=out sync=false max-buffers=8'
            % (part['widthPx'], part['heightPx'], fps, coder, CAPS[codec]))
        pipeline.get_by_name('f').set_property('location', part['file'])
        out = pipeline.get_by_name('out')
        pipeline.set_state(Gst.State.PLAYING)
        units = []
        while len(units) < frames_most:
            sample = out.emit('pull-sample')
            if sample is None: break
            buffer = sample.get_buffer()
            units.append((buffer.extract_dup(0, buffer.get_size()), not buffer.has_flags(Gst.BufferFlags.DELTA_UNIT)))
        pipeline.set_state(Gst.State.NULL)
        if not units: raise SystemExit('nothing could be encoded from ' + part['file'])
        with open(kept + '.%d' % os.getpid(), 'wb') as file:
            for data, key in units: file.write(struct.pack('>IB', len(data), key) + data)
        os.replace(kept + '.%d' % os.getpid(), kept)
    units, raw, at = [], open(kept, 'rb').read(), 0
    while at < len(raw):
        size, key = struct.unpack_from('>IB', raw, at)
        units.append((raw[at + 5:at + 5 + size], bool(key))); at += 5 + size
    return units


def factory_of(path, units):
    factory = GstRtspServer.RTSPMediaFactory()
    factory.set_shared(True)
    pay = 'rtph264pay' if path['codec'] == 'h264' else 'rtph265pay'
    factory.set_launch('( appsrc name=src format=time %s name=pay0 pt=96 config-interval=-1 )' % ('! ' + pay))
    off = path.get('clockOffS', 0)
    if off:
        # The sender reports follow the clock of the pipeline (ntp-time-source=clock-time, set below), which is wrong on purpose.
        clock = Gst.SystemClock(clock_type=Gst.ClockType.REALTIME)
        now = clock.get_internal_time()
        clock.set_calibration(now, now + (off + NTP_UNIX_OFFSET_S) * Gst.SECOND, 1, 1)
        factory.set_clock(clock)
    frame_ns = Gst.SECOND // path.get('framesPerS', 15)

    def configure(_factory, media):
        source = media.get_element().get_by_name('src')
        source.set_property('caps', Gst.Caps.from_string(CAPS[path['codec']] + ',framerate=%d/1' % path.get('framesPerS', 15)))
        state = {'n': 0}

        def need(element, _bytes):
            data, key = units[state['n'] % len(units)]
            buffer = Gst.Buffer.new_wrapped(data)
            buffer.pts = buffer.dts = state['n'] * frame_ns
            buffer.duration = frame_ns
            if not key: buffer.set_flags(Gst.BufferFlags.DELTA_UNIT)
            state['n'] += 1
            element.emit('push-buffer', buffer)
        source.connect('need-data', need)

        def prepared(media):
            element = media.get_element()
            top = element.get_parent() or element
            found = top.get_by_name('rtpbin0') or next((one for one in top.children if one.get_factory() and one.get_factory().get_name() == 'rtpbin'), None)
            if off: found.set_property('ntp-time-source', 3)
        media.connect('prepared', prepared)
    factory.connect('media-configure', configure)
    return factory


def main():
    config = json.loads(sys.argv[1])
    Gst.init(None)
    server = GstRtspServer.RTSPServer()
    server.set_address('127.0.0.1')
    server.set_service(str(config.get('port', 0)))
    auth = GstRtspServer.RTSPAuth()
    auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
    known, anybody = GstRtspServer.RTSPToken(), GstRtspServer.RTSPToken()
    known.set_string('media.factory.role', 'known'); anybody.set_string('media.factory.role', 'anybody')
    auth.add_digest(config.get('user', 'user'), config.get('password', 'password'), known)
    auth.set_default_token(anybody)
    if config.get('tls'):
        pem = os.path.join(config['cacheFolder'], 'camera.pem')
        if not os.path.exists(pem):
            # A certificate that it signed itself, as cameras have them.
            subprocess.run(['openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', pem + '.key', '-out', pem + '.new', '-days', '3650', '-subj', '/CN=camera'], check=True, capture_output=True)
            with open(pem + '.new', 'a') as both: both.write(open(pem + '.key').read())
            os.replace(pem + '.new', pem)
        auth.set_tls_certificate(Gio.TlsCertificate.new_from_file(pem))
    server.set_auth(auth)
    mounts = server.get_mount_points()
    for path in config['paths']:
        units = [unit for part in path['parts'] for unit in encoded(path, part, config['cacheFolder'])]
        factory = factory_of(path, units)
        permissions = GstRtspServer.RTSPPermissions()
        for role in (['known'] if path.get('auth') else ['known', 'anybody']):
            for what in ('media.factory.access', 'media.factory.construct'):
                permissions.add_permission_for_role(role, what, True)
        if path.get('auth'):
            permissions.add_permission_for_role('anybody', 'media.factory.access', True)
            permissions.add_permission_for_role('anybody', 'media.factory.construct', False)
        factory.set_permissions(permissions)
        mounts.add_factory(path['path'], factory)
    if not server.attach(None): raise SystemExit('the port is taken')
    print(json.dumps({'port': server.get_bound_port()}), flush=True)
    loop = GLib.MainLoop()
    threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
    loop.run()


main()
