package templates

// pageWords holds the texts that only the server shows.
var pageWords = []word{
	{"skip", "Skip to the posts", "投稿へ移動"},

	// the views
	{"title", "Posts as they come", "流れてくる投稿"},
	{"view-matching", "Posts that match “{q}”", "「{q}」に一致する投稿"},
	{"view-tag", "#{q}", "#{q}"},
	{"view-author", "Posts by {q}", "{q}の投稿"},
	{"view-source", "Posts from {q}", "{q}の投稿"},
	{"view-post", "Post by {q}", "{q}の投稿"},
	{"others", "More by {q}", "{q}のほかの投稿"},
	{"view-lang", "Posts in {q}", "{q}の投稿"},
	{"feed", "Feed", "フィード"},
	{"newer", "Newer posts", "もっと新しい投稿"},
	{"past", "Older posts", "以前の投稿"},
	{"past-until", "Posts up to", "この時刻までの投稿:"},
	{"none", "Nothing matches so far.", "一致する投稿はまだありません。"},
	{"none-hint", "New posts that match appear here by themselves.", "一致する新しい投稿はここに自動で表示されます。"},
	{"none-tag", "Search for “{q}” without #", "#なしの「{q}」で検索"},
	{"none-past", "No posts from then are left here.", "この時点の投稿はここに残っていません。"},
	{"end", "This site has no older posts.", "これより前の投稿はこのサイトに残っていません。"},
	{"incomplete", "Older posts can’t be reached at present. Try again in a moment.", "現在、以前の投稿を取得できません。少し待ってからお試しください。"},

	// the day
	{"day", "The last 24 hours", "過去24時間"},
	{"day-short", "Last 24 h", "24時間"}, // on a phone
	{"day-past", "The hours around it", "前後の時間"},
	{"day-all", "all posts", "すべての投稿"},
	{"day-numbers", "Posts in each hour", "1時間ごとの投稿数"},
	{"day-note", "Posts in each period; at most {n} a minute.", "期間ごとの投稿数（最大で毎分{n}件）。"},
	{"day-missed", "The thick line: posts of a source are missing.", "太線: 配信元の投稿が抜けています。"},

	// the filter
	{"filter", "Filter posts", "投稿を絞り込む"},
	{"filter-go", "Filter", "絞り込む"},
	{"recent-filters", "Recent filters", "最近の条件"},
	{"forget", "Forget them", "履歴を消去"},
	{"filter-clear", "Show all posts", "すべての投稿を表示"},
	{"wrong", "This filter can’t be read", "この条件は読み取れません"},
	{"wrong-too_long", "It is too long. The maximum is {n} bytes.", "長すぎます。上限は{n}バイトです。"},
	{"wrong-too_many", "It has too many words. The maximum is {n}.", "語が多すぎます。上限は{n}語です。"},
	{"wrong-unclosed", "Close the quotation mark, as in \"harbour ferry\".", "\"港 フェリー\" のように引用符を閉じてください。"},
	{"wrong-empty", "Put a word right after {q}, as in {e}", "{q} のすぐ後に語を入れてください（例: {e}）"},
	{"wrong-empty-phrase", "Put words between the quotation marks, as in \"harbour ferry\".", "\"港 フェリー\" のように引用符の間に語を入れてください。"},
	{"syntax", "What a filter can contain", "条件の書き方"},
	{"syntax-phrase", "these words together", "続いた語"},
	{"syntax-tag", "with this tag", "このタグがある"},
	{"syntax-who", "by, to or about this author", "この人の投稿、またはこの人への投稿"},
	{"syntax-from", "by this author", "この人の投稿"},
	{"syntax-has", "with pictures; also link, poll, quote", "画像がある（link、poll、quote も可）"},
	{"syntax-is", "replies; also repost, sensitive, bot", "返信（repost、sensitive、bot も可）"},
	{"syntax-lang", "in this language", "この言語の投稿"},
	{"syntax-not", "without this; before any of these", "これを除く（どの条件の前にも置ける）"},
	{"wrong-unknown_has", "After has: put media, link, poll or quote.", "has: の後には media、link、poll、quote のいずれかを入れてください。"},
	{"wrong-unknown_is", "After is: put reply, repost, sensitive or bot.", "is: の後には reply、repost、sensitive、bot のいずれかを入れてください。"},
	{"wrong-unknown_lang", "After lang: put a language such as ja.", "lang: の後には ja などの言語を入れてください。"},
	{"wrong-unknown_domain", "After domain: put a domain such as example.com.", "domain: の後には example.com などのドメインを入れてください。"},
	{"wrong-moment", "This time can’t be read", "この時刻は読み取れません"},
	{"wrong-moment-hint", "After at= put a time as in this example.", "at= の後には次の例のように時刻を入れてください。"},

	// errors, by the status of the response
	{"error", "Something went wrong", "問題が発生しました"},
	{"error-400", "This request can’t be understood", "リクエストを理解できませんでした"},
	{"error-404", "There is nothing here", "ページが見つかりません"},
	{"error-410", "This post is gone", "この投稿はもうありません"},
	{"error-405", "That can’t be done here", "この操作はできません"},
	{"error-429", "Too many requests. Wait a moment.", "リクエストが多すぎます。少しお待ちください。"},
	{"error-500", "Something went wrong on our side", "サーバーで問題が発生しました"},
	{"error-503", "Not ready. Try again in a moment.", "準備中です。少し待ってからお試しください。"},
}
