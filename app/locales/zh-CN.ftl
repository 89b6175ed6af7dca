# 透明日志
log-nav = 透明日志
log-title = 透明日志
log-lead = 每一条意见的每一步——收到、答复、写入新版本——都记在这本日志里。记上的，谁也改不了、删不掉，我们自己也不行；您不必相信我们，可以自己核对。
log-now = 现在的日志
log-size = 已记条数
log-root = 总指纹（树根）
log-key = 公钥
log-checkpoint = 查看带签名的日志头
log-breaks = 以前的日志
log-breaks-lead = 有时一本日志无法接着记（例如密钥或最新的记录丢失），就另起一本。在此之前签发的回执，仍用以前的公钥核对；以前日志里没有移入新日志的记录，仍可凭回执证明曾经有过。
log-breaks-name = 以前日志的名称
log-breaks-size = 以前日志最后一次签名时的条数
log-breaks-taken = 移入新日志的条数
log-what = 日志里有什么
log-what-step = 哪件事、走了哪一步、什么时候、以什么身份。
log-what-words = 没有您写的话，也没有姓名。只有一个打乱了的指纹：有原文和回执的人能证明对得上，别人猜不出来。
log-what-grow = 日志只能往后添。总指纹由全部记录算出，改动其中任何一条，总指纹就对不上。
log-what-hide = 即使某条意见因含有个人信息被隐去，日志里的记录仍在：能看出这里有过一条。
log-check = 怎样自己核对
log-check-file = 打开您的回执页，保存“回执文件”。
log-check-run = 用本程序核对（与人大在别处公布的公钥比对）：
log-check-offline = 也可以先把日志文件存下来，断开网络再核对：
log-check-own = 日志采用公开的格式（C2SP tlog-tiles、签名文本、RFC 6962），任何人都可以做镜像，也可以自己写核验程序。

# quancheng log verify
log-verify-signed = 签名有效：这张回执制作时，日志“{ $log }”的检查点有 { $size } 条，树根 { $root }。
log-verify-step = 第 { $step } 步：{ $at }，{ $role }，{ $move }。记在日志第 { $place } 条。
log-verify-when = { $at }（北京时间）
log-verify-one = 以上 { $steps } 步属于同一事项，从第 1 步起编号连续，中间没有缺漏。
log-verify-grown = 日志从 { $old } 条到 { $new } 条，只增未改。
log-verify-again = 按 { $from } 的日志重新计算，每一步仍在原处。
log-verify-silent = 第 { $steps } 步说了什么，回执里没有写，没有核对。
log-verify-until = 回执签名时日志有 { $size } 条；此后的步骤不在回执里。
log-verify-unproven = 回执码、编号和标题写在回执上，日志不作证明。
log-verify-no-key = 没有给出公钥（--key），用的是回执里写的公钥；{ $from } 的检查点也由它签名。如果网站和回执被人一起换掉，这样看不出来：请与人大在别处公布的公钥对一遍。这里用的是 { $key }
log-verify-older = 存好的日志只有 { $saved } 条，比回执还旧（签名时已有 { $receipt } 条），没法核对。请先运行 quancheng log mirror。
log-record-part = { $name }：{ $value }
log-record-text = 原文
log-record-outcome = 处理决定
log-record-reason = 理由
log-record-provision = 条文
log-record-lands-on = 写入条文
log-record-stance = 态度
log-record-source = 来源
log-record-title = 标题
log-record-lead = 说明
log-record-label = 文本名称
log-record-opens = 开始日期
log-record-closes = 截止日期
log-record-due = 期限
log-record-basis = 依据
log-record-to = 此后
log-record-source-sha256 = 文本的 SHA-256
log-record-consultation = 征求意见编号
log-record-version = 文本编号
log-record-visit = 走访编号

# quancheng log mirror
log-mirror-kept = 日志已存到 { $folder }：共 { $size } 条，新增 { $added } 条，每一条都已核对，树根 { $root }。
log-mirror-grown = 日志从 { $old } 条到 { $size } 条，只增未改。
log-mirror-conflict = 两个检查点都有签名，却互相矛盾：{ $ours }（{ $old } 条，树根 { $old_root }）和 { $theirs }（{ $new } 条，树根 { $new_root }）。这是证据，请两个都留好。原来存下的日志没有动。
log-mirror-earlier = 以前遇到过与这本日志矛盾的检查点，存在 { $file }。
log-mirror-other = { $file } 不是用这个公钥签名的：这个文件夹里存的是另一本日志，没有动它。

# Files and network
log-file-missing = 缺少文件 { $file }。
log-file-unreadable = 读不了 { $file }（系统的原话：{ $system }）。
log-file-unwritable = 写不了 { $file }（系统的原话：{ $system }）。
log-url-wrong = 网址应以 https:// 开头：{ $url }
log-net-missing = 网站上没有 { $url }
log-net-status = 网站没有给出 { $url }（状态 { $status }）。
log-net-timeout = 等了 30 秒，没有等到 { $url }
log-net-host = 找不到这个网站：{ $url }
log-net-refused = 连不上这个网站：{ $url }
log-net-tls = 与网站的加密连接没有建立起来：{ $url }
log-net-long = 网站给出的 { $url } 太长，不像日志文件。
log-net-other = 没有取到 { $url }（系统的原话：{ $system }）。
