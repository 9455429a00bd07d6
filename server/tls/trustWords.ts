// The words of the page that helps a phone to trust this installation, in both languages.
export type TrustWords = typeof EN;
const EN = {
  language: 'en', other: '中文', title: 'Trust this installation', lead: 'This installation has made a certificate authority of its own, so that nobody on the network can listen or change anything. Each phone and computer is told once to trust it.',
  bounds: 'The authority can speak only for machines on private networks and for the names of this one. It cannot be used to look into what you do elsewhere.',
  compareTitle: '1. Compare the fingerprint', compare: 'These figures must be the same as those that the server printed at its start and that an administrator sees on a page that is trusted already. If one differs, stop here and tell the administrator: somebody may stand in between.',
  fingerprint: 'SHA-256 fingerprint', until: 'valid until', getTitle: '2. Take the certificate', installTitle: '3. Let the device trust it', doneTitle: '4. Open the secured page', done: 'A padlock without a warning means that it worked.', open: 'Open',
  scanTitle: 'On a phone', scan: 'Point the phone\'s camera at this code; it opens this page there.',
  devices: [
    { name: 'iPhone and iPad', file: 'profile', steps: ['Open this page in Safari and tap "Profile (.mobileconfig)"; allow the download.', 'Open Settings. Near the top, tap "Profile Downloaded", then "Install", and enter the passcode.', 'Settings, General, About, Certificate Trust Settings: switch this authority on.'] },
    { name: 'Android', file: 'certificate', steps: ['Tap "Certificate (.crt)" and keep the file.', 'Settings, Security and privacy, More security settings, Encryption and credentials, Install a certificate, CA certificate. The names differ a little between makers; searching settings for "CA certificate" finds it.', 'Read the warning, tap "Install anyway", and choose the file. Android will say that the network may be monitored: it says so of every authority that was added by hand.'] },
    { name: 'Windows', file: 'certificate', steps: ['Take "Certificate (.crt)" and open the file.', '"Install Certificate", "Current User", "Place all certificates in the following store", "Trusted Root Certification Authorities".', 'Compare the thumbprint that Windows shows, and confirm. Start the browser again.'] },
    { name: 'macOS', file: 'certificate', steps: ['Take "Certificate (.crt)" and open it; Keychain Access keeps it under "login".', 'Open it there, unfold "Trust", and choose "Always Trust" for SSL.'] },
    { name: 'Linux, and Firefox everywhere', file: 'pem', steps: ['Firefox: Settings, Privacy and Security, Certificates, View Certificates, Authorities, Import "PEM (.pem)", and tick "identify websites".', 'Chrome and Chromium: Settings, Privacy and security, Security, Manage certificates, Authorities, Import.'] },
  ],
  files: { certificate: 'Certificate (.crt)', profile: 'Profile (.mobileconfig)', pem: 'PEM (.pem)' },
  removing: 'To take the trust back, remove the certificate in the same place.',
};
const ZH: TrustWords = {
  language: 'zh', other: 'English', title: '信任本系统', lead: '本系统建立了自己的证书颁发机构,使网络上的他人无法窃听或篡改。每部手机和电脑只需设置一次信任。',
  bounds: '该机构只能为专用网络中的设备和本机的名称签发证书,无法用来查看您在别处的活动。',
  compareTitle: '1. 核对指纹', compare: '以下字符必须与服务器启动时显示的指纹,以及管理员在已受信任的页面上看到的指纹完全一致。若有不同,请立即停止并告知管理员:可能有人从中拦截。',
  fingerprint: 'SHA-256 指纹', until: '有效期至', getTitle: '2. 获取证书', installTitle: '3. 在设备上设置信任', doneTitle: '4. 打开加密页面', done: '出现锁形图标且没有警告,即表示成功。', open: '打开',
  scanTitle: '在手机上', scan: '用手机相机对准此二维码,即可在手机上打开本页。',
  devices: [
    { name: 'iPhone 和 iPad', file: 'profile', steps: ['用 Safari 打开本页,点按“描述文件 (.mobileconfig)”,允许下载。', '打开“设置”,点按靠近顶部的“已下载描述文件”,再点“安装”并输入密码。', '“设置”>“通用”>“关于本机”>“证书信任设置”,打开本机构的开关。'] },
    { name: 'Android', file: 'certificate', steps: ['点按“证书 (.crt)”并保存文件。', '“设置”>“安全和隐私”>“更多安全设置”>“加密与凭据”>“安装证书”>“CA 证书”。各厂商名称略有不同,可在设置中搜索“CA 证书”。', '阅读警告,点“仍然安装”,再选择该文件。Android 会提示网络可能受到监控:凡手动添加的机构都会有此提示。'] },
    { name: 'Windows', file: 'certificate', steps: ['下载“证书 (.crt)”并打开。', '“安装证书”>“当前用户”>“将所有的证书都放入下列存储”>“受信任的根证书颁发机构”。', '核对 Windows 显示的指纹后确认,然后重启浏览器。'] },
    { name: 'macOS', file: 'certificate', steps: ['下载“证书 (.crt)”并打开,“钥匙串访问”会将其存入“登录”。', '在其中打开该证书,展开“信任”,对 SSL 选择“始终信任”。'] },
    { name: 'Linux,以及各系统上的 Firefox', file: 'pem', steps: ['Firefox:“设置”>“隐私与安全”>“证书”>“查看证书”>“证书颁发机构”,导入“PEM (.pem)”,勾选“信任由此证书颁发机构来标识网站”。', 'Chrome 和 Chromium:“设置”>“隐私和安全”>“安全”>“管理证书”>“授权机构”>“导入”。'] },
  ],
  files: { certificate: '证书 (.crt)', profile: '描述文件 (.mobileconfig)', pem: 'PEM (.pem)' },
  removing: '如需取消信任,请在同一位置删除该证书。',
};
export const TRUST_WORDS: Record<'en' | 'zh', TrustWords> = { en: EN, zh: ZH };
