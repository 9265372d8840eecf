package templates

// word is something the page says, in each language it speaks. A "{n}", "{s}"
// or "{time}" in it is filled in by the script; of a pair of keys ending in
// -one and -other the script takes the one that Intl.PluralRules names.
type word struct{ key, en, ja string }

// words is the only place where words for people are kept.
var words = []word{
	// in cards
	{"reposted", "reposted", "さんがリポスト"},
	{"replying", "Replying to", "返信先:"},
	{"warning", "Content warning", "閲覧注意"},
	{"sensitive", "Sensitive media", "センシティブなメディア"},
	{"show", "Show", "表示"},
	{"hide", "Hide", "隠す"},
	{"undescribed", "Image without description", "説明のない画像"},
	{"alt", "ALT", "説明"},
	{"video", "Video", "動画"},
	{"gif", "GIF", "GIF"},
	{"audio", "Audio", "音声"},
	{"file", "Attachment", "添付ファイル"},
	{"partly", "Part of this post can’t be shown here.", "この投稿の一部はここでは表示できません。"},
	{"poll-closed", "Poll closed", "投票は終了しました"},
	{"poll-until", "Poll open until", "投票の締切:"},
	{"nobody", "Unknown author", "投稿者不明"},
	{"quoted", "Quoted post", "引用された投稿"},
	{"unavailable", "The quoted post can’t be shown.", "引用された投稿は表示できません。"},
	{"edited", "edited", "編集済み"},
	{"withheld", "Withheld in", "表示が制限されている国:"},
	{"original", "View on", "元の投稿:"},
	{"view", "View post", "元の投稿"},

	// around them
	{"skip", "Skip to the posts", "投稿へ移動"},
	{"title", "Posts as they come", "流れてくる投稿"},
	{"sample", "Sample posts", "サンプル再生"},
	{"empty", "Quiet so far.", "まだ投稿がありません。"},
	{"listening", "New posts appear here by themselves.", "新しい投稿はここに自動で表示されます。"},
	{"noscript", "New posts appear by themselves only with JavaScript. Without it, press Refresh.", "新しい投稿の自動表示にはJavaScriptが必要です。ない場合は「更新」を押してください。"},
	{"refresh", "Refresh", "更新"},
	{"older", "Older posts", "以前の投稿"},
	{"language", "Language", "言語"},
	{"theme", "Theme", "配色"},
	{"auto", "Auto", "自動"},
	{"light", "Light", "ライト"},
	{"dark", "Dark", "ダーク"},
	{"keys", "Keyboard shortcuts", "キーボードショートカット"},
	{"close", "Close", "閉じる"},
	{"home", "Back to the posts", "投稿に戻る"},
	{"request", "Request", "リクエスト"},

	// the state
	{"connecting", "Connecting…", "接続中…"},
	{"live", "Live", "ライブ"},
	{"slow", "Live (slow)", "ライブ(低速)"},
	{"fast", "Live, {n} posts/s, showing a part", "ライブ(毎秒{n}件、一部を表示)"},
	{"paused", "Paused, {n} waiting", "一時停止中({n}件待機)"},
	{"reading", "Reading, {n} waiting", "読んでいます({n}件待機)"},
	{"reconnecting", "Reconnecting (try {n})", "再接続中({n}回目)"},
	{"offline", "Offline. Posts up to {time}.", "オフライン({time}までの投稿)"},
	{"recovered-one", "Back. {n} post caught up.", "復帰しました({n}件取得)"},
	{"recovered-other", "Back. {n} posts caught up.", "復帰しました({n}件取得)"},
	{"old", "Reload for the new version", "新しい版があります。再読み込みしてください"},
	{"refused", "Refused: {reason}. Next try later.", "拒否されました: {reason}。後で再試行します"},
	{"now", "Now", "今すぐ"},
	{"pause", "Pause", "一時停止"},

	// where posts come from
	{"sources", "Sources", "配信元"},
	{"source-connecting", "is being connected", "に接続中"},
	{"source-waiting", "can’t be reached. Next try:", "に接続できません。次の試行:"},
	{"source-stopped", "has stopped:", "は停止しました:"},
	{"source-finished", "has come to its end", "は終わりました"},
	{"source-lost", "Posts left out:", "省かれた投稿:"},
	{"source-gap", "Missed:", "欠落:"},

	// the list
	{"pill-one", "{n} new post", "新しい投稿 {n}件"},
	{"pill-other", "{n} new posts", "新しい投稿 {n}件"},
	{"pill-many", "{n}+ new posts", "新しい投稿 {n}件以上"},
	{"more-s", "{n} more in {s} s", "{s}秒間にほか{n}件"},
	{"more-min", "{n} more in {s} min", "{s}分間にほか{n}件"},
	{"forgotten", "{n} more, no longer kept here", "ほか{n}件(ここには残っていません)"},
	{"gap", "About {n} posts not shown", "約{n}件が未表示です"},
	{"gap-unknown", "Some posts are not shown", "一部の投稿が未表示です"},
	{"deleted", "Deleted by its author", "投稿者が削除しました"},
	{"announce-one", "{n} new post. Press full stop to show it.", "新しい投稿が{n}件あります。ピリオドキーで表示します。"},
	{"announce-other", "{n} new posts. Press full stop to show them.", "新しい投稿が{n}件あります。ピリオドキーで表示します。"},
	{"age-now", "now", "今"},
	{"age-s", "{n}s", "{n}秒"},
	{"age-m", "{n}m", "{n}分"},
	{"age-h", "{n}h", "{n}時間"},

	// the keys
	{"key-next", "next post", "次の投稿"},
	{"key-previous", "previous post", "前の投稿"},
	{"key-show", "show new posts", "新しい投稿を表示"},
	{"key-pause", "pause or resume", "一時停止・再開"},
	{"key-top", "go to the top", "先頭へ"},
	{"key-open", "open the original", "元の投稿を開く"},
	{"key-cover", "open or close a content warning", "閲覧注意を開閉"},
	{"key-help", "this help", "このヘルプ"},
	{"key-leave", "close, or leave the posts", "閉じる・投稿から離れる"},
	{"key-single", "Use single-key shortcuts", "1文字のショートカットを使う"},

	// errors, by the status of the response
	{"error", "Something went wrong", "問題が発生しました"},
	{"error-400", "That request made no sense", "リクエストを理解できませんでした"},
	{"error-404", "There is nothing here", "ページが見つかりません"},
	{"error-405", "That can’t be done here", "この操作はできません"},
	{"error-429", "Too many requests. Wait a moment.", "リクエストが多すぎます。少しお待ちください。"},
	{"error-500", "Something went wrong on our side", "サーバーで問題が発生しました"},
	{"error-503", "Not ready. Try again in a moment.", "準備中です。少し待ってからお試しください。"},
}
