package templates

import "strings"

// languageNames are the names of the languages that posts are most often in, in English and Japanese.
var languageNames = map[string]word{
	"ar": {en: "Arabic", ja: "アラビア語"}, "bg": {en: "Bulgarian", ja: "ブルガリア語"}, "bn": {en: "Bengali", ja: "ベンガル語"},
	"ca": {en: "Catalan", ja: "カタルーニャ語"}, "cs": {en: "Czech", ja: "チェコ語"}, "da": {en: "Danish", ja: "デンマーク語"},
	"de": {en: "German", ja: "ドイツ語"}, "el": {en: "Greek", ja: "ギリシャ語"}, "en": {en: "English", ja: "英語"},
	"es": {en: "Spanish", ja: "スペイン語"}, "et": {en: "Estonian", ja: "エストニア語"}, "eu": {en: "Basque", ja: "バスク語"},
	"fa": {en: "Persian", ja: "ペルシア語"}, "fi": {en: "Finnish", ja: "フィンランド語"}, "fr": {en: "French", ja: "フランス語"},
	"ga": {en: "Irish", ja: "アイルランド語"}, "gl": {en: "Galician", ja: "ガリシア語"}, "he": {en: "Hebrew", ja: "ヘブライ語"},
	"hi": {en: "Hindi", ja: "ヒンディー語"}, "hr": {en: "Croatian", ja: "クロアチア語"}, "hu": {en: "Hungarian", ja: "ハンガリー語"},
	"id": {en: "Indonesian", ja: "インドネシア語"}, "is": {en: "Icelandic", ja: "アイスランド語"}, "it": {en: "Italian", ja: "イタリア語"},
	"ja": {en: "Japanese", ja: "日本語"}, "ko": {en: "Korean", ja: "韓国語"}, "lt": {en: "Lithuanian", ja: "リトアニア語"},
	"lv": {en: "Latvian", ja: "ラトビア語"}, "nl": {en: "Dutch", ja: "オランダ語"}, "no": {en: "Norwegian", ja: "ノルウェー語"},
	"pl": {en: "Polish", ja: "ポーランド語"}, "pt": {en: "Portuguese", ja: "ポルトガル語"}, "ro": {en: "Romanian", ja: "ルーマニア語"},
	"ru": {en: "Russian", ja: "ロシア語"}, "sk": {en: "Slovak", ja: "スロバキア語"}, "sl": {en: "Slovenian", ja: "スロベニア語"},
	"sr": {en: "Serbian", ja: "セルビア語"}, "sv": {en: "Swedish", ja: "スウェーデン語"}, "th": {en: "Thai", ja: "タイ語"},
	"tr": {en: "Turkish", ja: "トルコ語"}, "uk": {en: "Ukrainian", ja: "ウクライナ語"}, "vi": {en: "Vietnamese", ja: "ベトナム語"},
	"zh": {en: "Chinese", ja: "中国語"},
}

// languageName returns the name of a language, or its tag if the name isn't known.
func languageName(lang, tag string) string {
	name, known := languageNames[strings.ToLower(tag)]
	switch {
	case !known:
		return tag
	case lang == "ja":
		return name.ja
	}
	return name.en
}
